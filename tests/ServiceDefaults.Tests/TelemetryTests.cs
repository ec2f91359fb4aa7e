using System.Diagnostics;

namespace ServiceDefaults.Tests;

public sealed class TelemetryTests(TinyService service) : IClassFixture<TinyService>
{
    [Fact]
    public async Task A_database_question_is_traced_within_a_request_and_left_out_where_a_worker_only_polls()
    {
        using var database = new ActivitySource("Npgsql");
        using var work = new ActivitySource("EventSourcing");
        Activity.Current = null;
        using (database.StartActivity("poll", ActivityKind.Client))
        {
        }

        using (work.StartActivity("project", ActivityKind.Internal))
        {
            using (database.StartActivity("query", ActivityKind.Client))
            {
            }
        }

        (await service.Spans.First(span => span.OperationName == "query")).Recorded.ShouldBeTrue();
        (await service.Spans.First(span => span.OperationName == "project")).Recorded.ShouldBeTrue();
        (await service.Spans.First(span => span.OperationName == "poll")).Recorded.ShouldBeFalse();
    }
}
