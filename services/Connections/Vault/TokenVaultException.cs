using System.Security.Cryptography;

namespace Connections.Vault;

/// <summary>
/// A key is not to be had. Says nothing about the authorization at the platform: whoever catches it leaves the connection as it is. The message
/// names keys and holds none.
/// </summary>
public sealed class TokenVaultException(VaultFault fault, string message, Exception? inner = null) : CryptographicException(message, inner)
{
    public VaultFault Fault { get; } = fault;

    /// <summary>Is it worth asking again later, without anybody mending anything?</summary>
    public bool IsTransient => Fault is VaultFault.Unreachable;
}

/// <summary>Why a key is not to be had.</summary>
public enum VaultFault
{
    /// <summary>Key store or key-management service does not answer.</summary>
    Unreachable,

    /// <summary>The configured keys lack the one that wrapped it: a matter of configuration.</summary>
    KeyMissing,

    /// <summary>The key-management service refuses us, or is set up in a way that would not protect: a matter of configuration.</summary>
    Refused,

    /// <summary>The creator was erased. Nothing brings the key back.</summary>
    Destroyed,
}
