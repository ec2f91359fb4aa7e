using System.Collections.Concurrent;

namespace Platforms.Accounts;

/// <summary>
/// Every account of every platform, and whose token is whose. One lock per account and none for all: thousands of people may consent and
/// refresh at once, and two refreshes of one account still happen one after the other.
/// </summary>
public sealed class Ledger
{
    private const string Kind = "account";

    private readonly ConcurrentDictionary<AccountKey, Cell> cells = new();
    private readonly ConcurrentDictionary<string, AccountKey> owners = new();
    private readonly Journal journal;

    public Ledger(Journal journal)
    {
        this.journal = journal;
        foreach (var account in journal.Recall<Account>(Kind))
        {
            cells[account.Key] = new() { Account = account };
            foreach (var token in account.Tokens)
            {
                owners[token.Value] = account.Key;
            }
        }
    }

    public Account? Find(AccountKey key) => cells.TryGetValue(key, out var cell) ? cell.Account : null;

    /// <summary>Whose token this is. The answer is a moment's view: whoever acts on it decides again inside <see cref="Change{T}"/>.</summary>
    public (Account Account, IssuedToken Token)? FindToken(string? value) =>
        value is not null && owners.TryGetValue(value, out var key) && Find(key) is { } account && account.Token(value) is { } token ? (account, token) : null;

    public IEnumerable<Account> All(string platform) => cells.Values.Select(c => c.Account!).Where(a => a is not null && a.Platform == platform);

    public Account Open(ISimulatedPlatform platform, string handle, DateTimeOffset now)
    {
        var key = new AccountKey(platform.Key, handle);
        return Find(key) ?? Swap(cells.GetOrAdd(key, _ => new()), a => (a ?? platform.Open(handle, now), true)).Account;
    }

    public Account? Change(AccountKey key, Func<Account, Account> change) =>
        Find(key) is null ? null : Swap(cells[key], a => (change(a!), true)).Account;

    /// <summary>Decides and changes in one step: <paramref name="change"/> sees the account as nobody else can change it meanwhile.</summary>
    public T Change<T>(AccountKey key, Func<Account, (Account Account, T Answer)> change) => Swap(cells[key], a => change(a!)).Answer;

    /// <summary>Counts one call against the account's fault, if it has one for this place.</summary>
    public Fault? TakeFault(Account account, FaultPlace place, string? endpoint = null)
    {
        if (account.Fault is null)
        {
            return null;
        }

        return Change(account.Key, a => a.Fault is { } fault && fault.Hits(place, endpoint)
            ? (fault.Calls is null ? a : a with { Fault = fault.AfterOneCall() }, fault)
            : (a, (Fault?)null));
    }

    public void Clear()
    {
        foreach (var key in cells.Keys)
        {
            cells.TryRemove(key, out _);
            journal.Forget(Kind, key.ToString());
        }

        owners.Clear();
    }

    private (Account Account, T Answer) Swap<T>(Cell cell, Func<Account?, (Account, T)> change)
    {
        lock (cell)
        {
            var before = cell.Account;
            var (after, answer) = change(before);
            if (!ReferenceEquals(before, after))
            {
                cell.Account = after;
                Index(before, after);
                journal.Remember(Kind, after.Key.ToString(), after);
            }

            return (after, answer);
        }
    }

    private void Index(Account? before, Account after)
    {
        foreach (var token in after.Tokens)
        {
            owners[token.Value] = after.Key;
        }

        foreach (var token in before?.Tokens ?? [])
        {
            if (after.Token(token.Value) is null)
            {
                owners.TryRemove(token.Value, out _);
            }
        }
    }

    private sealed class Cell
    {
        private volatile Account? account;

        public Account? Account { get => account; set => account = value; }
    }
}
