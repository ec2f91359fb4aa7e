using System.Net.Sockets;

namespace LocalServers;

/// <summary>Docker, or what speaks like it.</summary>
public static class ContainerEngine
{
    /// <summary>
    /// Does an engine answer? Decided within a second, because where none runs everybody waits for this. An engine that answers but cannot get
    /// the images is of no use: SERVERS=machine, or SERVERS=containers, decides without asking.
    /// </summary>
    public static async Task<bool> Answers()
    {
        if (Environment.GetEnvironmentVariable("SERVERS") is { Length: > 0 } servers)
        {
            return servers == "containers";
        }

        var address = Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } host ? host : "unix:///var/run/docker.sock";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint))
        {
            return false;
        }

        using var handler = new SocketsHttpHandler();
        if (endpoint.Scheme == "unix")
        {
            handler.ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint.LocalPath), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(1) };
        try
        {
            var server = endpoint.Scheme == "tcp" ? endpoint.Authority : "localhost";
            using var response = await http.GetAsync(new Uri($"http://{server}/_ping"));
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
