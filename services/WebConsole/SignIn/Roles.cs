using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace WebConsole.SignIn;

/// <summary>
/// What a role may do here: everybody reads, a Manager also writes to creators and edits what is written, an Admin also operates the platforms and
/// decides which servers events go to. This decides what is shown. What is done the services decide, by the scopes that the provider gives the same role.
/// </summary>
public static class Roles
{
    public const string Manager = "Manager";
    public const string Admin = "Admin";

    /// <summary>Policy: send outreach, edit templates, the sender and the suppression list.</summary>
    public const string MayManage = "may-manage";

    /// <summary>Policy: see how platforms and services are doing, pause and resume.</summary>
    public const string MayOperate = "may-operate";

    /// <summary>Policy: have the organization's events posted to servers of its own.</summary>
    public const string MayIntegrate = "may-integrate";

    public static void Define(AuthorizationOptions options)
    {
        options.AddPolicy(MayManage, policy => policy.RequireAssertion(context => context.User.CanManage()));
        options.AddPolicy(MayOperate, policy => policy.RequireRole(Admin));
        options.AddPolicy(MayIntegrate, policy => policy.RequireRole(Admin));
    }

    public static bool CanManage(this ClaimsPrincipal person) => person.IsInRole(Manager) || person.IsInRole(Admin);

    /// <summary>The person's role as the provider names it.</summary>
    public static string? RoleOf(ClaimsPrincipal person) => person.Identity is ClaimsIdentity identity ? identity.FindFirst(identity.RoleClaimType)?.Value : null;
}
