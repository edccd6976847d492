using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Theseus.Engine.Tests;

/// <summary>The engine is a pump and parts, each of which owns its fields: what a part holds is written by its own methods alone.</summary>
public class PartsTests
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Type[] Collections =
        [typeof(IDictionary), typeof(IList), typeof(Queue<>), typeof(List<>), typeof(Dictionary<,>), typeof(SortedDictionary<,>)];

    public static TheoryData<string> Parts => [.. Reached(typeof(EngineLoop)).Select(part => part.Name).Order(StringComparer.Ordinal)];

    [Fact]
    public void ThePartsOfTheEngineAreReachedFromItsPump()
    {
        // a part that is renamed or added is looked at too; these are the ones that must be there
        string[] parts = [.. Reached(typeof(EngineLoop)).Select(part => part.Name)];
        Assert.Superset(
            new HashSet<string>
            {
                nameof(OpenHeight), nameof(HeightSequence), nameof(HeightOpener), nameof(ProposalStream), nameof(ContentDesk),
                nameof(SigningDesk), nameof(Catchup), nameof(Serving), nameof(Intake), nameof(LateVoters), nameof(LoggedCore),
                nameof(CoreDriver), nameof(TimerQueue), nameof(ValueSync), nameof(ContentStore), nameof(WantedContents),
                nameof(EarlyInputs), nameof(StreamTable), nameof(FutureBuffer), nameof(ServingDesk), nameof(ChainedLog),
            },
            new HashSet<string>(parts));
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void NothingOfAPartIsWrittenFromOutside(string part)
    {
        Type type = Reached(typeof(EngineLoop)).Single(reached => reached.Name == part);
        Assert.True(type.IsSealed, $"{part} is not sealed");
        Assert.Empty(type.GetFields(Declared).Where(field => !field.IsPrivate && !field.IsLiteral).Select(field => field.Name));
        Assert.Empty(type.GetProperties(Declared).Where(property => property.SetMethod is { IsPrivate: false } set && !IsInit(set))
            .Select(property => property.Name));
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void NoPartHandsOutWhatOthersCouldWriteOrACallbackToBeSet(string part)
    {
        Type type = Reached(typeof(EngineLoop)).Single(reached => reached.Name == part);
        PropertyInfo[] open = [.. type.GetProperties(Declared).Where(property => property.GetMethod is { IsPrivate: false })];
        Assert.Empty(open.Where(property => IsCollection(property.PropertyType)).Select(property => property.Name));
        Assert.Empty(open.Where(property => property.PropertyType.IsAssignableTo(typeof(Delegate))).Select(property => property.Name));
        Assert.Empty(type.GetEvents(Declared).Select(happening => happening.Name));
    }

    // by the fields of a part, and those of its parts: classes of the engine that are neither values (records) nor devices
    private static HashSet<Type> Reached(Type from)
    {
        HashSet<Type> reached = [];
        Queue<Type> open = new([from]);
        while (open.TryDequeue(out Type? type))
        {
            foreach (Type held in type.GetFields(Declared).SelectMany(field => Held(field.FieldType)))
            {
                if (IsPart(held) && reached.Add(held))
                {
                    open.Enqueue(held);
                }
            }
        }

        return reached;
    }

    private static IEnumerable<Type> Held(Type type) => type.IsGenericType ? [] : [type];

    private static bool IsPart(Type type) =>
        type.Assembly == typeof(EngineLoop).Assembly && type.IsClass && !type.IsNested && !type.IsAssignableTo(typeof(Delegate))
        && type.GetMethod("<Clone>$", Declared) is null && type != typeof(ApplicationLink);

    private static bool IsInit(MethodInfo set) => set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static bool IsCollection(Type type) =>
        type.IsArray || Collections.Any(collection => type.IsAssignableTo(collection)
            || (type.IsGenericType && type.GetGenericTypeDefinition() == collection));
}
