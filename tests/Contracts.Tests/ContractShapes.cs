using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CreatorConnections.Contracts.Connections;
using Shouldly;
using Xunit;

namespace Contracts.Tests;

/// <summary>What has been published stays: each contract is held against the shape it went out with.</summary>
public sealed class ContractShapes
{
    private static readonly Type[] Contracts = [.. typeof(ConnectionGranted).Assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal)];

    public static TheoryData<string> Names => [.. Contracts.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_contract_keeps_the_names_and_types_it_went_out_with(string name)
    {
        var published = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Shapes", $"{name}.txt"));
        var current = ShapeOf(Contracts.Single(type => type.Name == name));

        // A published line may never change or go. A new one is added to the file with the property.
        current.ShouldBe(published, $"Shapes/{name}.txt should be:\n{string.Join('\n', current)}");
    }

    [Fact]
    public void Every_shape_belongs_to_a_contract() =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Shapes")).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)
            .ShouldBe(Contracts.Select(type => type.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_contract_has_its_row_in_the_readme(string name)
    {
        var type = Contracts.Single(type => type.Name == name);

        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "contracts.md")).ShouldContain($"| `{name}` | `{type.Namespace}:{name}` |");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_contract_is_plain_sealed_data_about_one_organization(string name)
    {
        var type = Contracts.Single(type => type.Name == name);

        type.IsSealed.ShouldBeTrue();
        type.BaseType.ShouldBe(typeof(object));
        type.GetMethod("<Clone>$").ShouldNotBeNull("a contract is a record");
        type.GetProperties().ShouldAllBe(property => property.PropertyType.Assembly == typeof(object).Assembly && !property.PropertyType.IsEnum);
        string[] always = ["OrganizationId", "Sequence", "OccurredAt"];
        type.GetProperties().Where(IsRequired).Select(property => property.Name).Intersect(always).Count().ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_message_without_what_was_added_later_can_still_be_read(string name)
    {
        var type = Contracts.Single(type => type.Name == name);
        var oldest = type.GetProperties().Where(IsRequired).ToDictionary(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name), property => Example(property.PropertyType));

        var read = JsonSerializer.Deserialize(JsonSerializer.Serialize(oldest), type, JsonSerializerOptions.Web)!;

        type.GetProperty("OrganizationId")!.GetValue(read).ShouldBe("text");
        type.GetProperties().Where(property => !IsRequired(property)).ShouldAllBe(property => property.GetValue(read) == null);
    }

    private static string[] ShapeOf(Type type) =>
    [
        $"{type.Namespace}:{type.Name}",
        .. type.GetProperties().Select(property => $"{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}: {NameOf(property.PropertyType)}{(IsRequired(property) ? "" : ", optional")}"),
    ];

    private static bool IsRequired(PropertyInfo property) => property.IsDefined(typeof(RequiredMemberAttribute));

    private static string NameOf(Type type) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is { } inner => NameOf(inner),
        _ when type == typeof(string) => "string",
        _ when type == typeof(Guid) => "uuid",
        _ when type == typeof(DateTimeOffset) => "date-time",
        _ when type == typeof(DateOnly) => "date",
        _ when type == typeof(long) => "integer",
        _ when type == typeof(bool) => "boolean",
        _ when type == typeof(IReadOnlyList<string>) => "array of string",
        _ => throw new InvalidOperationException($"Contracts have no {type.Name} so far. Say here how it looks in JSON."),
    };

    private static object Example(Type type) => NameOf(type) switch
    {
        "uuid" => Guid.Empty,
        "date-time" => DateTimeOffset.UnixEpoch,
        "date" => DateOnly.FromDateTime(DateTime.UnixEpoch),
        "integer" => 1,
        "boolean" => true,
        "array of string" => new[] { "text" },
        _ => "text",
    };
}
