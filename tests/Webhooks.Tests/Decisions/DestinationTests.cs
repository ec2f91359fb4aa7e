using System.Net;
using Webhooks.Sending;

namespace Webhooks.Tests.Decisions;

/// <summary>Where nothing may be sent, however it is written.</summary>
public sealed class DestinationTests
{
    private static readonly Destinations Strict = new(new());
    private static readonly Destinations Loopback = new(new() { AllowHttp = true, AnyPort = true, AllowedNetworks = ["127.0.0.0/8", "::1/128"] });

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.0.9")]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.0.192")]
    [InlineData("192.0.2.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.51.100.7")]
    [InlineData("203.0.113.7")]
    [InlineData("168.63.129.16")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.250")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::7f00:1")]
    [InlineData("::ffff:0:7f00:1")]
    [InlineData("5f00::1")]
    [InlineData("100::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:0:7f00:1::")]
    [InlineData("2001:db8::1")]
    [InlineData("3fff::1")]
    public void An_address_that_is_not_public_is_not_reached(string address) => Strict.MayReach(IPAddress.Parse(address)).ShouldBeFalse();

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.1")]
    [InlineData("172.32.0.1")]
    [InlineData("192.0.1.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001::1")]
    public void A_public_address_is(string address) => Strict.MayReach(IPAddress.Parse(address)).ShouldBeTrue();

    [Fact]
    public void A_network_that_is_allowed_is_reached_and_no_other()
    {
        Loopback.MayReach(IPAddress.Loopback).ShouldBeTrue();
        Loopback.MayReach(IPAddress.Parse("::ffff:127.0.0.1")).ShouldBeTrue();
        Loopback.MayReach(IPAddress.IPv6Loopback).ShouldBeTrue();
        Loopback.MayReach(IPAddress.Parse("10.0.0.1")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("", "url.invalid")]
    [InlineData("hooks.example.com", "url.invalid")]
    [InlineData("/hooks", "url.invalid")]
    [InlineData("ftp://hooks.example.com/", "url.invalid")]
    [InlineData("file:///etc/passwd", "url.invalid")]
    [InlineData("https://", "url.invalid")]
    [InlineData("https://user:password@hooks.example.com/", "url.invalid")]
    [InlineData("https://user@hooks.example.com/", "url.invalid")]
    [InlineData("https://hooks.example.com/#part", "url.invalid")]
    [InlineData("http://hooks.example.com/", "url.https-required")]
    [InlineData("https://hooks.example.com:8443/", "url.port-refused")]
    [InlineData("https://hooks.example.com:22/", "url.port-refused")]
    [InlineData("https://hooks.example.com/path?x=1", null)]
    [InlineData("https://hooks.example.com:443/", null)]
    public void An_address_is_refused_by_what_is_wrong_with_it(string url, string? code) => Strict.Flaw(url)?.Code.ShouldBe(code);

    [Fact]
    public void A_port_that_is_listed_is_allowed()
    {
        var two = new Destinations(new() { Ports = [8443] });
        two.Flaw("https://hooks.example.com:8443/").ShouldBeNull();
        two.Flaw("https://hooks.example.com/").ShouldBeNull();
        two.Flaw("https://hooks.example.com:9443/")!.Detail.ShouldContain("443, 8443");
    }

    [Theory]
    [InlineData("https://localhost/")]
    [InlineData("https://LOCALHOST/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://127.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://[::ffff:a9fe:a9fe]/")]
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    public async Task A_name_or_number_that_leads_inside_is_refused_when_it_is_registered(string url)
    {
        (await Strict.FlawOfTarget(url, TestContext.Current.CancellationToken))!.Code.ShouldBe("url.address-refused");
    }

    [Fact]
    public async Task A_name_that_nobody_knows_is_refused_with_another_word() =>
        (await Strict.FlawOfTarget("https://nowhere.invalid/", TestContext.Current.CancellationToken))!.Code.ShouldBe("url.unresolvable");

    [Theory]
    [InlineData("https://localhost/", "AddressRefused")]
    [InlineData("https://127.0.0.1/", "AddressRefused")]
    [InlineData("https://[::1]/", "AddressRefused")]
    [InlineData("https://169.254.169.254/latest/meta-data/", "AddressRefused")]
    [InlineData("https://[64:ff9b::a9fe:a9fe]/", "AddressRefused")]
    [InlineData("https://[64:ff9b:1::a9fe:a9fe]/", "AddressRefused")]
    [InlineData("http://nowhere.invalid/", "AddressRefused")]
    [InlineData("https://nowhere.invalid:8443/", "AddressRefused")]
    [InlineData("https://nowhere.invalid/", "NameUnknown")]
    public async Task The_same_is_judged_again_at_each_connection(string url, string outcome)
    {
        using var courier = new Courier(Strict, new(), TimeProvider.System);
        (await courier.Deliver(new(url, Guid.CreateVersion7(), [], [SigningSecret.Create()], null), TestContext.Current.CancellationToken)).Outcome.ToString().ShouldBe(outcome);
    }
}
