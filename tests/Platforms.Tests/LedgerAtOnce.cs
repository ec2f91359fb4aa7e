using Platforms.Accounts;
using Platforms.TikTok;

namespace Platforms.Tests;

public sealed class LedgerAtOnce
{
    private const int Changes = 50_000;

    [Fact]
    public void Changes_of_one_account_never_overwrite_each_other()
    {
        using var journal = new Journal(directory: null);
        var ledger = new Ledger(journal);
        // Opening an account asks its platform for nothing but the profile.
        var account = ledger.Open(new TikTokPlatform(null!, null!, null!, null!, null!), "ana.cooks", DateTimeOffset.UnixEpoch);

        Parallel.For(0, Changes, _ => ledger.Change(account.Key, a => a with { Posts = a.Posts + 1 }));

        ledger.Find(account.Key)!.Posts.ShouldBe(account.Posts + Changes);
    }
}
