using System.Net;
using System.Net.Sockets;
using LocalServers;
using Standalone;

namespace AppHost.Tests;

public sealed class PortClashTests
{
    [Fact]
    public void A_taken_port_is_told_with_its_holder_and_the_variable_that_moves_ours()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        var free = Ports.Free(1)[0];
        Resource mail = new("mail") { Ports = new() { ["http"] = free, ["smtp"] = port } };

        var clash = PortClashes.Among([mail]).ShouldHaveSingleItem();

        clash.ShouldStartWith($"Port {port} for mail (smtp) is taken by ");
        clash.ShouldContain($"(process {Environment.ProcessId})");
        clash.ShouldEndWith("choose another port: PORT_MAIL_SMTP=<port> ./run.sh");
    }

    [Fact]
    public void A_port_held_on_the_other_loopback_address_is_taken_too()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "no IPv6 here");
        using var holder = new TcpListener(IPAddress.IPv6Loopback, 0);
        holder.Start();
        Ports.IsFree(((IPEndPoint)holder.LocalEndpoint).Port).ShouldBeFalse();
    }

    [Fact]
    public void Free_ports_are_no_clash()
    {
        var ports = Ports.Free(2);
        ports.ShouldBeUnique();
        PortClashes.Among([new("mail") { Ports = new() { ["http"] = ports[0], ["smtp"] = ports[1] } }]).ShouldBeEmpty();
    }
}
