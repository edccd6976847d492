using Theseus.Move.Compiler.Syntax;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Symbols;

/// <summary>All modules and scripts of a compilation by name.</summary>
internal sealed class Program(DiagnosticBag diagnostics, CompilerOptions options)
{
    public SortedDictionary<ModuleId, ModuleSymbol> Modules { get; } = [];

    public List<ModuleSymbol> Scripts { get; } = [];

    public DiagnosticBag Diagnostics => diagnostics;

    public CompilerOptions Options => options;

    /// <summary>The modules and scripts to compile.</summary>
    public IEnumerable<ModuleSymbol> Targets
    {
        get
        {
            foreach ((ModuleId _, ModuleSymbol module) in Modules)
            {
                if (!module.IsDependency)
                {
                    yield return module;
                }
            }

            foreach (ModuleSymbol script in Scripts)
            {
                yield return script;
            }
        }
    }

    public Address? Resolve(LeadingName name, IReadOnlyDictionary<string, Address> addresses)
    {
        if (name.Literal is { } literal)
        {
            return literal;
        }

        if (addresses.TryGetValue(name.Identifier!, out Address value))
        {
            return value;
        }

        diagnostics.Report(Codes.AddressWithoutValue, name.Span,
            $"the address '{name.Identifier}' has no value: assign one in [addresses] of Move.toml");
        return null;
    }

    /// <summary>The module that address::name means, or null after a report.</summary>
    public ModuleSymbol? FindModule(LeadingName address, Name module, ModuleSymbol from, Span span)
    {
        if (Resolve(address, from.Addresses) is not { } value)
        {
            diagnostics.Report(Codes.UnboundModule, span,
                $"there is no module '{address.Identifier}::{module.Text}': the address is not known");
            return null;
        }

        return FindModule(new ModuleId(value, module.Text), $"{address.Identifier ?? value.ToString()}::{module.Text}", span);
    }

    public ModuleSymbol? FindModule(ModuleId id, string display, Span span)
    {
        if (Modules.TryGetValue(id, out ModuleSymbol? found))
        {
            return found;
        }

        diagnostics.Report(Codes.UnboundModule, span, $"there is no module '{display}' among the sources and dependencies");
        return null;
    }

    /// <summary>Notes that a module needs another one, for the order of compilation and the check for cycles.</summary>
    public static void NoteUse(ModuleSymbol from, ModuleSymbol to, Span span)
    {
        if (!ReferenceEquals(from, to))
        {
            from.Uses.TryAdd(to.Id, span);
        }
    }

    /// <summary>Module and member that a path means, or null: after a report, or for an unknown single name without one.</summary>
    public (ModuleSymbol Module, string Member)? FindMember(AccessChain chain, AliasScope scope, ModuleSymbol from)
    {
        if (chain.Third is not null)
        {
            ModuleSymbol? module = FindModule(chain.First, chain.Second!, from,
                new Span(chain.Span.File, chain.Span.Start, chain.Second!.Span.End));
            if (module is not null)
            {
                NoteUse(from, module, chain.Span);
            }

            return module is null ? null : (module, chain.Third.Text);
        }

        if (chain.Second is not null)
        {
            if (chain.First.Identifier is not { } name)
            {
                diagnostics.Report(Codes.UnexpectedName, chain.Span,
                    $"'{chain}' names a module, but a member of a module is expected here");
                return null;
            }

            Alias? alias = scope.FindModule(name);
            if (alias is null)
            {
                diagnostics.Report(Codes.UnboundModule, chain.First.Span,
                    $"there is no module alias '{name}' in scope; is a `use` missing?");
                return null;
            }

            NoteUse(from, alias.Module, chain.Span);
            return (alias.Module, chain.Second.Text);
        }

        if (chain.First.Identifier is { } single && scope.FindMember(single) is { } member)
        {
            NoteUse(from, member.Module, chain.Span);
            return (member.Module, member.Member!);
        }

        return null;
    }
}
