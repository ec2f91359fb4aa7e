using System.Net;
using System.Net.Sockets;
using EventSourcing;

namespace Webhooks.Sending;

/// <summary>
/// Whom we send to is anybody's choice, and we stand inside our own network: nothing may be reached through us that its chooser could not reach. An address is judged when it
/// is registered, so that its owner hears of it, and at every connection, because a name may lead elsewhere by then.
/// </summary>
public sealed class Destinations
{
    public const int LongestUrl = 2000;

    /// <summary>What a refused address, scheme, port or form is told with.</summary>
    public static readonly IReadOnlyList<string> Codes = ["url.invalid", "url.https-required", "url.port-refused", "url.unresolvable", "url.address-refused"];

    // https://www.iana.org/assignments/iana-ipv4-special-registry, without those that are reachable from everywhere.
    private static readonly IPNetwork[] RefusedV4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",

            // Answers with the secrets of a virtual machine, from an address that looks public.
            "168.63.129.16/32",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    // All else is refused: loopback, unspecified, unique local, link-local, multicast, and translations that hide an IPv4 address.
    private static readonly IPNetwork GlobalV6 = IPNetwork.Parse("2000::/3");

    // https://www.iana.org/assignments/iana-ipv6-special-registry: protocol assignments with Teredo, documentation, 6to4.
    private static readonly IPNetwork[] RefusedV6 = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(network => IPNetwork.Parse(network))];

    private readonly DestinationOptions options;
    private readonly IPNetwork[] allowed;

    public Destinations(DestinationOptions options)
    {
        this.options = options;
        allowed = [.. options.AllowedNetworks.Select(network => IPNetwork.Parse(network))];
    }

    /// <summary>May this address be connected to?</summary>
    public bool MayReach(IPAddress address)
    {
        var one = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return allowed.Any(network => network.Contains(one)) || (one.AddressFamily is AddressFamily.InterNetwork
            ? !RefusedV4.Any(network => network.Contains(one))
            : GlobalV6.Contains(one) && !RefusedV6.Any(network => network.Contains(one)));
    }

    /// <summary>Why events cannot be sent to this address as it is written; null when they can.</summary>
    public Decision.Refused? Flaw(string url) => url switch
    {
        { Length: 0 or > LongestUrl } => Invalid("url.invalid", $"Give the address to send to, such as https://hooks.example.com/creator-connections, of at most {LongestUrl} characters."),
        _ when !Uri.TryCreate(url, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp) || uri.Host.Length == 0 || url.Any(char.IsControl) =>
            Invalid("url.invalid", "This is no web address. Give one such as https://hooks.example.com/creator-connections."),
        _ when new Uri(url) is { UserInfo.Length: > 0 } or { Fragment.Length: > 0 } =>
            Invalid("url.invalid", "An address with a user, a password or a fragment cannot be sent to. The signature of each message tells who sent it."),
        _ when new Uri(url).Scheme == Uri.UriSchemeHttp && !options.AllowHttp => Invalid("url.https-required", "Events are sent over https only."),
        _ when !IsPortAllowed(new Uri(url)) => Invalid("url.port-refused", $"Events are sent to port {string.Join(", ", options.Ports.Prepend(443).Distinct())} only."),
        _ => null,
    };

    /// <summary>Why events cannot be sent where this address leads now.</summary>
    public async Task<Decision.Refused?> FlawOfTarget(string url, CancellationToken ct)
    {
        try
        {
            await Resolve(new Uri(url).IdnHost, ct);
            return null;
        }
        catch (DestinationRefused)
        {
            return Invalid("url.address-refused", "This address leads to a network that is not public. Events are sent to public addresses only.");
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            return Invalid("url.unresolvable", "The name of this host is not known. Check the address, or try again once its name is published.");
        }
    }

    /// <summary>Connects where the name leads at this moment, if that is a place one may reach. For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    public async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        // As it is allowed by now: what was registered under wider settings is not sent to in the clear, or at another port, any more.
        if (Flaw(context.InitialRequestMessage.RequestUri!.OriginalString) is not null)
        {
            throw new DestinationRefused();
        }

        var addresses = await Resolve(context.DnsEndPoint.Host, ct);
        Exception? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception exception)
            {
                socket.Dispose();
                last = exception;
                ct.ThrowIfCancellationRequested();
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    // One refused address among several refuses the name: which of them would be used is a matter of luck, and of whoever answers for the name.
    private async Task<IPAddress[]> Resolve(string host, CancellationToken ct)
    {
        var addresses = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, ct);
        return addresses.Length == 0 ? throw new SocketException((int)SocketError.HostNotFound)
            : addresses.All(MayReach) ? addresses
            : throw new DestinationRefused();
    }

    private bool IsPortAllowed(Uri uri) => options.AnyPort || uri.Port == 443 || options.Ports.Contains(uri.Port);

    private static Decision.Refused Invalid(string code, string detail) => new(RefusalKind.InvalidValue, code, detail, "url");
}

/// <summary>The name leads to an address that must not be reached, or it would be reached in a way that is not allowed.</summary>
public sealed class DestinationRefused() : IOException("The address leads to a network that is not public, or its scheme or port are not allowed.");
