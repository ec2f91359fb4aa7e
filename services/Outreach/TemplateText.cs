namespace Outreach;

/// <summary>The words of a message, with merge fields in Liquid.</summary>
/// <param name="Subject">One line.</param>
/// <param name="Text">The plain text.</param>
/// <param name="Html">What stands inside the layout; null where it is made from the plain text.</param>
public sealed record TemplateText(string Subject, string Text, string? Html);

/// <summary>A template's words changed for one send. What is null stays as it is, except that HTML follows a changed text.</summary>
public sealed record MessageEdit(string? Subject = null, string? Text = null, string? Html = null)
{
    /// <summary>The words after the change. HTML that was written for another text would contradict it, so it is made anew from the new one.</summary>
    public TemplateText ApplyTo(TemplateText text) => new(Subject ?? text.Subject, Text ?? text.Text, Html ?? (Text is null ? text.Html : null));
}

/// <summary>What is wrong with a template, and where.</summary>
/// <param name="Member">The member of the request: <c>subject</c>, <c>text</c>, <c>html</c> and so on.</param>
/// <param name="Code">A stable word.</param>
/// <param name="Message">A sentence for whoever wrote the template.</param>
/// <param name="Line">From 1; null where the whole member is meant.</param>
/// <param name="Column">From 1.</param>
public sealed record TemplateFlaw(string Member, string Code, string Message, int? Line = null, int? Column = null)
{
    /// <summary>A flaw at a character of the member.</summary>
    public static TemplateFlaw At(string member, string code, string message, string source, int offset)
    {
        var before = source.AsSpan(0, Math.Min(offset, source.Length));
        return new(member, code, message, before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }
}
