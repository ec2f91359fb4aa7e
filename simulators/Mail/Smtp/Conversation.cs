using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using MimeKit;

namespace Mail.Smtp;

/// <summary>
/// One client's conversation (RFC 5321), with SIZE, 8BITMIME, SMTPUTF8, PIPELINING, enhanced status codes, and an AUTH that believes everybody.
/// </summary>
internal sealed class Conversation(IDuplexPipe transport, SmtpSettings settings, Mailbox mailbox, Faults faults, TimeProvider clock)
{
    private const int MaxCommand = 2048;

    // Longer than RFC 5321 asks for (1000); some senders do not fold.
    private const int MaxContentLine = 1024 * 1024;

    private readonly List<string> recipients = [];
    private bool greeted;
    private string? sender;
    private CancellationToken stopping;

    public async Task Run(bool isTooMany, CancellationToken stopping)
    {
        this.stopping = stopping;
        try
        {
            if (isTooMany)
            {
                Say("421 4.7.0 Too many connections, try again later");
            }
            else if (await Answer(Stage.Connect, "220 mail.localhost ESMTP, a simulator: nothing sent here goes anywhere"))
            {
                while (await ReadLine(MaxCommand) is { } line && await Obey(line))
                {
                }
            }
        }
        catch (OperationCanceledException)
        {
            Say(stopping.IsCancellationRequested ? "421 4.3.2 Closing down" : "421 4.4.2 Nothing heard for too long");
        }
        catch (LineTooLongException)
        {
            Say("500 5.5.2 Line too long");
        }

        await transport.Output.FlushAsync(CancellationToken.None);
    }

    /// <summary>Carries out one command. False ends the conversation.</summary>
    private async ValueTask<bool> Obey(string line)
    {
        var space = line.IndexOf(' ');
        var (verb, rest) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..].Trim());
        switch (verb.ToUpperInvariant())
        {
            case "EHLO" or "HELO" when rest.Length == 0:
                return Say("501 5.5.4 Say who you are");
            case "HELO":
                Forget();
                greeted = true;
                return Say("250 mail.localhost");
            case "EHLO":
                Forget();
                greeted = true;
                return Say($"250-mail.localhost\r\n250-SIZE {settings.MaxMessageSize}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n"
                    + "250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN LOGIN");
            case "NOOP":
                return Say("250 2.0.0 Ok");
            case "RSET":
                Forget();
                return Say("250 2.0.0 Ok");
            case "VRFY":
                return Say("252 2.5.0 Everybody is welcome here");
            case "QUIT":
                Say("221 2.0.0 Bye");
                return false;
            case "AUTH" or "MAIL" or "RCPT" or "DATA" when !greeted:
                return Say("503 5.5.1 Say EHLO first");
            case "AUTH":
                return await Authenticate(rest);
            case "MAIL":
                return await Mail(rest);
            case "RCPT":
                return await Rcpt(rest);
            case "DATA":
                return await Data(rest);
            default:
                return Say("500 5.5.1 Unknown command");
        }
    }

    private async ValueTask<bool> Authenticate(string rest)
    {
        string[] questions = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
        {
            [var method] when method.Equals("PLAIN", StringComparison.OrdinalIgnoreCase) => [""],
            [var method, _] when method.Equals("PLAIN", StringComparison.OrdinalIgnoreCase) => [],
            [var method] when method.Equals("LOGIN", StringComparison.OrdinalIgnoreCase) => ["VXNlcm5hbWU6", "UGFzc3dvcmQ6"],
            [var method, _] when method.Equals("LOGIN", StringComparison.OrdinalIgnoreCase) => ["UGFzc3dvcmQ6"],
            _ => ["*"],
        };
        foreach (var question in questions)
        {
            if (question == "*")
            {
                return Say("504 5.5.4 PLAIN or LOGIN");
            }

            Say($"334 {question}");
            switch (await ReadLine(MaxCommand))
            {
                case null:
                    return false;
                case "*":
                    return Say("501 5.7.0 As you like");
            }
        }

        return Say("235 2.7.0 You are who you say");
    }

    private async ValueTask<bool> Mail(string rest)
    {
        if (sender is not null)
        {
            return Say("503 5.5.1 One sender at a time");
        }

        if (!TryReadPath(rest, "FROM:", out var address, out var parameters) || (address.Length > 0 && !IsMailbox(address)))
        {
            return Say("501 5.1.7 MAIL FROM:<address>");
        }

        var size = parameters.FirstOrDefault(parameter => parameter.StartsWith("SIZE=", StringComparison.OrdinalIgnoreCase));
        if (size is not null && (!long.TryParse(size["SIZE=".Length..], out var bytes) || bytes > settings.MaxMessageSize))
        {
            return Say($"552 5.3.4 No more than {settings.MaxMessageSize} bytes");
        }

        return await Answer(Stage.Mail, "250 2.1.0 Ok", () => sender = address);
    }

    private async ValueTask<bool> Rcpt(string rest)
    {
        if (sender is null)
        {
            return Say("503 5.5.1 MAIL first");
        }

        if (!TryReadPath(rest, "TO:", out var address, out _) || !IsMailbox(address))
        {
            return Say("501 5.1.3 RCPT TO:<address>");
        }

        return recipients.Count >= settings.MaxRecipients
            ? Say($"452 4.5.3 No more than {settings.MaxRecipients} recipients")
            : await Answer(Stage.Rcpt, "250 2.1.5 Ok", () => recipients.Add(address), address);
    }

    private async ValueTask<bool> Data(string rest)
    {
        if (rest.Length > 0)
        {
            return Say("501 5.5.4 DATA takes nothing");
        }

        if (recipients.Count == 0)
        {
            return Say(sender is null ? "503 5.5.1 MAIL first" : "554 5.5.1 No valid recipients");
        }

        var isGoingOn = false;
        if (!await Answer(Stage.Data, "354 End with a dot on a line of its own", () => isGoingOn = true, recipients))
        {
            return false;
        }

        if (!isGoingOn)
        {
            return true;
        }

        var (content, isWhole) = await ReadContent();
        if (content is null)
        {
            return false;
        }

        var message = new Message(Guid.CreateVersion7(clock.GetUtcNow()).ToString("N"), sender!, [.. recipients], clock.GetUtcNow(), content.Value);
        Forget();
        return isWhole ? await Take(message) : Say($"552 5.3.4 No more than {settings.MaxMessageSize} bytes");
    }

    private async ValueTask<bool> Take(Message message)
    {
        var fault = faults.Strike(Stage.Content, message.To);
        await Delay(fault);
        if (fault is { Code: { } code, Drop: false })
        {
            return Say($"{code} {fault.Text}") && code is not 421;
        }

        if (fault is not { Drop: true, Keep: false })
        {
            await mailbox.Keep(message);
        }

        return fault is not { Drop: true } && Say($"250 2.0.0 Taken as {message.Id}");
    }

    /// <summary>Gives the good answer and does what goes with it, unless a fault is due. False ends the conversation.</summary>
    private async ValueTask<bool> Answer(Stage stage, string good, Action? then = null, params IReadOnlyCollection<string> concerned)
    {
        var fault = faults.Strike(stage, concerned);
        await Delay(fault);
        if (fault is { Drop: true })
        {
            return false;
        }

        if (fault is { Code: { } code })
        {
            // RFC 5321, section 3.8: after 421 the server closes the channel.
            return Say($"{code} {fault.Text}") && code is not 421 && stage is not Stage.Connect;
        }

        then?.Invoke();
        return Say(good);
    }

    private async ValueTask Delay(Fault? fault)
    {
        if (fault is { DelayMilliseconds: > 0 and var milliseconds })
        {
            await transport.Output.FlushAsync(stopping);
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), clock, stopping);
        }
    }

    private void Forget()
    {
        sender = null;
        recipients.Clear();
    }

    // Not sent yet: to a client that pipelines, many answers go in one packet, when there is nothing left to read.
    private bool Say(string answer)
    {
        transport.Output.Write(Encoding.UTF8.GetBytes(answer + "\r\n"));
        return true;
    }

    /// <summary>FROM:&lt;a@b&gt; SIZE=12. A path may carry a route before the address, which is to be ignored.</summary>
    private static bool TryReadPath(string text, string keyword, out string address, out string[] parameters)
    {
        (address, parameters) = ("", []);
        if (!text.StartsWith(keyword, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var path = text[keyword.Length..].TrimStart();
        var end = path.IndexOf('>');
        if (!path.StartsWith('<') || end < 0)
        {
            return false;
        }

        address = path[1..end];
        address = address.StartsWith('@') ? address[(address.IndexOf(':') + 1)..] : address;
        parameters = path[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return true;
    }

    private static bool IsMailbox(string address) => address.Contains('@') && MailboxAddress.TryParse(address, out var parsed) && parsed.Address == address;

    private async ValueTask<string?> ReadLine(int limit)
    {
        while (true)
        {
            var read = await Read();
            if (TakeLine(read.Buffer, out var line, out var next))
            {
                if (line.Length > limit)
                {
                    throw new LineTooLongException();
                }

                var text = Encoding.UTF8.GetString(line);
                transport.Input.AdvanceTo(next);
                return text;
            }

            if (read.Buffer.Length > limit)
            {
                throw new LineTooLongException();
            }

            transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    /// <summary>Everything up to the dot, dots unstuffed. Too much is read all the same, so that the client hears why it was refused.</summary>
    private async ValueTask<(ReadOnlyMemory<byte>? Content, bool IsWhole)> ReadContent()
    {
        var content = new ArrayBufferWriter<byte>(4096);
        var isWhole = true;
        while (true)
        {
            var read = await Read();
            var rest = read.Buffer;
            while (TakeLine(rest, out var line, out var next))
            {
                rest = rest.Slice(next);
                if (line.Length > 0 && line.FirstSpan[0] == '.')
                {
                    if (line.Length == 1)
                    {
                        transport.Input.AdvanceTo(next);
                        return (content.WrittenMemory, isWhole);
                    }

                    line = line.Slice(1);
                }

                isWhole = isWhole && content.WrittenCount + line.Length + 2 <= settings.MaxMessageSize;
                if (isWhole)
                {
                    foreach (var part in line)
                    {
                        content.Write(part.Span);
                    }

                    content.Write("\r\n"u8);
                }
            }

            if (rest.Length > MaxContentLine)
            {
                throw new LineTooLongException();
            }

            transport.Input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                return (null, false);
            }
        }
    }

    // Only CR LF ends a line. A server that took a bare LF for one would see messages where the sender's own server saw text (SMTP smuggling).
    private static bool TakeLine(ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line, out SequencePosition next)
    {
        var reader = new SequenceReader<byte>(buffer);
        var found = reader.TryReadTo(out line, "\r\n"u8);
        next = reader.Position;
        return found;
    }

    private async ValueTask<ReadResult> Read()
    {
        if (transport.Input.TryRead(out var ready))
        {
            return ready;
        }

        await transport.Output.FlushAsync(stopping);
        using var patience = new CancellationTokenSource(settings.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, patience.Token);
        return await transport.Input.ReadAsync(either.Token);
    }

    private sealed class LineTooLongException : Exception;
}
