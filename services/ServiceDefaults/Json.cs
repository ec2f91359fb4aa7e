using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServiceDefaults;

/// <summary>How JSON is read and written at every HTTP boundary of ours.</summary>
public static class Json
{
    /// <summary>The same rules for a client of our services.</summary>
    public static JsonSerializerOptions Options { get; } = Rules(new(JsonSerializerDefaults.Web));

    internal static JsonSerializerOptions Rules(JsonSerializerOptions options)
    {
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false));
        // Two values for one name: which of them was checked, and which one was used, would depend on the reader.
        options.AllowDuplicateProperties = false;
        // What a record declares as never null is never null in a handler; the caller is told which member is missing.
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.MaxDepth = 32;
        return options;
    }
}
