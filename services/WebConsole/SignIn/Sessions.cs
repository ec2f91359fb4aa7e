using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;

namespace WebConsole.SignIn;

/// <summary>
/// The sessions of signed-in people, kept on the server: the browser holds a key, never a token. A page that lives on its own connection for hours
/// finds its session here as well, so a refreshed token is there for every open page at once.
/// </summary>
public sealed class Sessions(ISessionFiles files, IDataProtectionProvider protection, TimeProvider clock) : ITicketStore
{
    /// <summary>The claim that tells a page which session it belongs to.</summary>
    public const string Claim = "session";

    private readonly IDataProtector protector = protection.CreateProtector("sessions");

    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        files.DeleteOlderThan(clock.GetUtcNow().AddDays(-14));
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await Write(key, ticket);
        return key;
    }

    public async Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        // A request that started before the tokens were refreshed must not put the old ones back.
        if (await RetrieveAsync(key) is { } current && SamePerson(current, ticket) && string.CompareOrdinal(ExpiresAt(current), ExpiresAt(ticket)) > 0)
        {
            ticket.Properties.StoreTokens(current.Properties.GetTokens());
        }

        await Write(key, ticket);
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key)
    {
        if (await files.Read(Name(key)) is not { } bytes)
        {
            return null;
        }

        try
        {
            var ticket = TicketSerializer.Default.Deserialize(protector.Unprotect(bytes));
            return ticket?.Properties.ExpiresUtc <= clock.GetUtcNow() ? null : ticket;
        }
        catch (CryptographicException)
        {
            // Written under keys that are gone: the person signs in again.
            return null;
        }
    }

    public Task RemoveAsync(string key)
    {
        files.Delete(Name(key));
        return Task.CompletedTask;
    }

    private Task Write(string key, AuthenticationTicket ticket)
    {
        if (!ticket.Principal.HasClaim(Claim, key))
        {
            ((ClaimsIdentity)ticket.Principal.Identity!).AddClaim(new(Claim, key));
        }

        return files.Write(Name(key), protector.Protect(TicketSerializer.Default.Serialize(ticket)));
    }

    // The key opens a session, so it is not left lying about as a file name.
    private static string Name(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static bool SamePerson(AuthenticationTicket one, AuthenticationTicket other) => one.Principal.FindFirstValue("sub") == other.Principal.FindFirstValue("sub");

    private static string ExpiresAt(AuthenticationTicket ticket) => ticket.Properties.GetTokenValue("expires_at") ?? "";
}

/// <summary>Where the sealed sessions lie.</summary>
public interface ISessionFiles
{
    Task<byte[]?> Read(string name);

    Task Write(string name, byte[] content);

    void Delete(string name);

    void DeleteOlderThan(DateTimeOffset time);
}

public sealed class SessionsInMemory : ISessionFiles
{
    private readonly ConcurrentDictionary<string, (byte[] Content, DateTimeOffset At)> held = new();

    public Task<byte[]?> Read(string name) => Task.FromResult(held.TryGetValue(name, out var found) ? found.Content : null);

    public Task Write(string name, byte[] content)
    {
        held[name] = (content, TimeProvider.System.GetUtcNow());
        return Task.CompletedTask;
    }

    public void Delete(string name) => held.TryRemove(name, out _);

    public void DeleteOlderThan(DateTimeOffset time)
    {
        foreach (var (name, (_, at)) in held)
        {
            if (at < time)
            {
                held.TryRemove(name, out _);
            }
        }
    }
}

public sealed class SessionsOnDisk(DirectoryInfo directory) : ISessionFiles
{
    public async Task<byte[]?> Read(string name)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(name));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async Task Write(string name, byte[] content)
    {
        // Written beside and moved over, so that a reader never sees half a session.
        var fresh = PathOf($"{name}.{Guid.NewGuid():N}");
        await File.WriteAllBytesAsync(fresh, content);
        File.Move(fresh, PathOf(name), overwrite: true);
    }

    public void Delete(string name) => File.Delete(PathOf(name));

    public void DeleteOlderThan(DateTimeOffset time)
    {
        foreach (var file in directory.EnumerateFiles().Where(file => file.LastWriteTimeUtc < time.UtcDateTime))
        {
            file.Delete();
        }
    }

    private string PathOf(string name) => Path.Combine(directory.FullName, name);
}
