namespace Mail.Smtp;

/// <summary>
/// One client's conversation (RFC 5321), with SIZE, 8BITMIME, SMTPUTF8, PIPELINING, STARTTLS, AUTH, DSN and enhanced status codes.
/// </summary>
internal sealed class Conversation(
    Wire wire, SmtpSettings settings, Certificate certificate, Mailbox mailbox, Returns returns, Faults faults, Greylist greylist, TimeProvider clock)
{
    private readonly Login login = new(settings);
    private Envelope envelope = new();
    private bool greeted;
    private CancellationToken stopping;

    /// <param name="isTls">Does TLS begin before the first word?</param>
    /// <param name="isTooMany">Are there too many conversations already?</param>
    /// <param name="stopping">The server is to end.</param>
    public async Task Run(bool isTls, bool isTooMany, CancellationToken stopping)
    {
        this.stopping = stopping;
        try
        {
            if (isTls)
            {
                await wire.Secure(certificate.Server);
            }

            if (isTooMany)
            {
                Say("421 4.7.0 Too many connections, try again later");
            }
            else if (await Answer(Stage.Connect, "220 mail.localhost ESMTP, a simulator: nothing sent here goes anywhere"))
            {
                while (await wire.ReadLine() is { } line && await Obey(line))
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

        await wire.Flush(CancellationToken.None);
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
                return Say($"250-mail.localhost\r\n250-SIZE {settings.MaxMessageSize}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n250-DSN\r\n"
                    + (wire.IsSecure ? "" : "250-STARTTLS\r\n") + (IsInTheOpen ? "" : "250-AUTH PLAIN LOGIN\r\n") + "250 ENHANCEDSTATUSCODES");
            case "STARTTLS" when wire.IsSecure || !greeted:
                return Say("503 5.5.1 Not now");
            case "STARTTLS":
                Forget();
                greeted = false;
                await wire.Secure("220 2.0.0 Ready", certificate.Server);
                return true;
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
            case "AUTH" when IsInTheOpen:
                return Say("538 5.7.11 Say STARTTLS first");
            case "AUTH" when login.IsDone:
                return Say("503 5.5.1 Once is enough");
            case "AUTH":
                return await login.Ask(wire, rest) is { } answer && Say(answer);
            case "MAIL" when IsInTheOpen:
                return Say("530 5.7.0 Say STARTTLS first");
            case "MAIL" when login is { IsNeeded: true, IsDone: false }:
                return Say("530 5.7.0 Say who you are: AUTH");
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

    /// <summary>Is there nothing to be done before TLS?</summary>
    private bool IsInTheOpen => settings.RequireTls && !wire.IsSecure;

    private async ValueTask<bool> Mail(string rest)
    {
        if (envelope.Sender is not null)
        {
            return Say("503 5.5.1 One sender at a time");
        }

        return envelope.ReadMail(rest, settings.MaxMessageSize, out var accept) is { } wrong ? Say(wrong) : await Answer(Stage.Mail, "250 2.1.0 Ok", accept);
    }

    private async ValueTask<bool> Rcpt(string rest)
    {
        if (envelope.Sender is not { } sender)
        {
            return Say("503 5.5.1 MAIL first");
        }

        if (envelope.ReadRcpt(rest, out var address, out var accept) is { } wrong)
        {
            return Say(wrong);
        }

        if (greylist.SendsAway(sender, address))
        {
            return Say("451 4.7.1 Greylisted, come back later");
        }

        return envelope.Recipients.Count >= settings.MaxRecipients
            ? Say($"452 4.5.3 No more than {settings.MaxRecipients} recipients")
            : await Answer(Stage.Rcpt, "250 2.1.5 Ok", accept, address);
    }

    private async ValueTask<bool> Data(string rest)
    {
        if (rest.Length > 0)
        {
            return Say("501 5.5.4 DATA takes nothing");
        }

        if (envelope.Recipients.Count == 0)
        {
            return Say(envelope.Sender is null ? "503 5.5.1 MAIL first" : "554 5.5.1 No valid recipients");
        }

        var isGoingOn = false;
        if (!await Answer(Stage.Data, "354 End with a dot on a line of its own", () => isGoingOn = true, envelope.Recipients))
        {
            return false;
        }

        if (!isGoingOn)
        {
            return true;
        }

        var (content, isWhole) = await wire.ReadContent();
        if (content is null)
        {
            return false;
        }

        var message = new Message(Guid.CreateVersion7(clock.GetUtcNow()).ToString("N"), envelope.Sender!, [.. envelope.Recipients], clock.GetUtcNow(), content.Value)
        {
            Reports = envelope.Reports,
        };
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
            returns.Consider(message);
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
            await wire.Flush(stopping);
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), clock, stopping);
        }
    }

    private void Forget() => envelope = new();

    private bool Say(string answer) => wire.Say(answer);
}
