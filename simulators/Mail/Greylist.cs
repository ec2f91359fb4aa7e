using System.Collections.Concurrent;

namespace Mail;

/// <summary>Sends every pair of sender and recipient away once, as servers do that trust only those who come back.</summary>
internal sealed class Greylist(Settings settings)
{
    private readonly ConcurrentDictionary<(string, string), bool> known = new();
    private volatile bool isOn = settings.Smtp.Greylist;

    public bool IsOn => isOn;

    public void Switch(bool on)
    {
        isOn = on;
        known.Clear();
    }

    public bool SendsAway(string sender, string recipient) => isOn && known.TryAdd((sender.ToUpperInvariant(), recipient.ToUpperInvariant()), true);
}
