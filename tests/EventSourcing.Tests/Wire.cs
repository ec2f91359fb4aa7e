namespace EventSourcing.Tests.Wire;

public sealed record LampMade
{
    public required string OrganizationId { get; init; }

    public required Guid LampId { get; init; }

    public required string Colour { get; init; }

    public required long Sequence { get; init; }
}

public sealed record LampLit
{
    public required string OrganizationId { get; init; }

    public required Guid LampId { get; init; }

    public required long Sequence { get; init; }
}
