using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LocalServers;

/// <summary>TCP ports of this machine: which are free, and who holds those that are not.</summary>
public static class Ports
{
    /// <summary>Free ports below the range the kernel hands to outgoing connections, so that none of those takes one before its server listens.</summary>
    public static int[] Free(int count)
    {
        var found = new HashSet<int>();
        while (found.Count < count)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            if (IsFree(port))
            {
                found.Add(port);
            }
        }

        return [.. found];
    }

    public static bool IsFree(int port) =>
        CanListen(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanListen(IPAddress.IPv6Loopback, port));

    /// <summary>The listening process as a person would name it, or null where the system does not tell.</summary>
    public static string? Holder(int port)
    {
        var inodes = Listening("/proc/net/tcp", port).Concat(Listening("/proc/net/tcp6", port)).Select(inode => $"socket:[{inode}]").ToHashSet();
        return Directory.EnumerateDirectories("/proc")
            .Where(process => int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out _))
            .Where(process => Sockets(process).Any(inodes.Contains))
            .Select(process => $"{Name(process)} (process {Path.GetFileName(process)})")
            .FirstOrDefault();
    }

    private static bool CanListen(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // As servers do: a connection that is still in TIME_WAIT is no reason to refuse the port, a listener is.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
        catch (SocketException) when (address.Equals(IPAddress.IPv6Loopback))
        {
            return true; // no IPv6 on this machine
        }
    }

    private static IEnumerable<string> Listening(string table, int port) => !File.Exists(table)
        ? []
        : File.ReadLines(table).Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns[3] == "0A" && columns[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
            .Select(columns => columns[9]);

    private static string[] Sockets(string process)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries($"{process}/fd").Select(file => new FileInfo(file).LinkTarget ?? "")];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return []; // another user's process, or one that has just ended
        }
    }

    private static string Name(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/comm").Trim();
        }
        catch (IOException)
        {
            return "a process";
        }
    }
}
