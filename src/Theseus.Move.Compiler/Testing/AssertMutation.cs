using Theseus.Move.Compiler.Packages;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Testing;

/// <summary>Proves that asserts matter: disarms them one at a time and lets the tests find out.</summary>
public static class AssertMutation
{
    /// <summary>The asserts of these modules whose removal no test notices. Asserts of tests themselves are left alone.</summary>
    /// <param name="tree">As for <see cref="PackageBuild.Build"/>.</param>
    /// <param name="root">The package.</param>
    /// <param name="modules">The modules under test; null for all of the package.</param>
    /// <param name="packageOptions">Test mode is forced.</param>
    /// <param name="testOptions">How tests run.</param>
    /// <exception cref="InvalidOperationException">The package does not build, or its tests fail without any mutation.</exception>
    public static IReadOnlyList<AssertSite> Survivors(SourceTree tree, string root, IReadOnlyCollection<ModuleId>? modules,
        PackageOptions packageOptions, TestOptions testOptions)
    {
        packageOptions = packageOptions with { TestMode = true, DropAssert = null };
        PackageBuildResult build = PackageBuild.Build(tree, root, packageOptions);
        if (!build.Success || TestRunner.Run(build, testOptions).Failed > 0)
        {
            throw new InvalidOperationException("mutation needs a package that builds and whose tests pass");
        }

        List<AssertSite> survivors = [];
        foreach (AssertSite site in build.Root!.Compilation.Asserts)
        {
            if (site.IsTest || (modules is not null && !modules.Contains(site.Module)))
            {
                continue;
            }

            PackageBuildResult mutant = PackageBuild.Build(tree, root, packageOptions with { DropAssert = (site.Module, site.Index) });
            if (mutant.Success && TestRunner.Run(mutant, testOptions).Failed == 0)
            {
                survivors.Add(site);
            }
        }

        return survivors;
    }
}
