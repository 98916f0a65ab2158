using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Mm.Analyzers.Tests.Harness;
using Xunit;

namespace Mm.Analyzers.Tests.Conventions;

/// <summary>The architecture, as far as names of files, folders and namespaces carry it.</summary>
public partial class LayoutTests
{
    private const int LongestFile = 400;

    /// <summary>The rooms of the analyzers in the order of the pipeline: each sees only those before it.</summary>
    private static readonly string[] _rooms = ["Lattice", "Catalog", "Facts", "Summaries", "Flow", "Rules", "Reporting"];

    /// <summary>Past Facts, nobody sees syntax or operations: code has become steps there.</summary>
    private static readonly string[] _roomsWithoutOperations = ["Summaries", "Flow", "Rules"];

    public static TheoryData<string> Rooms => [.. _rooms];

    public static TheoryData<string> RoomsWithoutOperations => [.. _roomsWithoutOperations];

    [Fact]
    public void SourceFiles_OfTheRepository_AreShorterThanTheLimit()
    {
        var tooLong = Repository.Files(".", "*.cs")
            .Select(path => (Path: path, Lines: File.ReadLines(Repository.PathOf(path)).Count()))
            .Where(file => file.Lines >= LongestFile)
            .Select(file => $"{file.Path}: {file.Lines} lines");

        Assert.Empty(tooLong);
    }

    [Fact]
    public void SourceFiles_OfTheRepository_AvoidNamesThatSayNothing() =>
        Assert.DoesNotContain(Repository.Files(".", "*.cs"), path => EmptyName().IsMatch(Path.GetFileNameWithoutExtension(path)));

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Room_OfTheAnalyzers_Exists(string room) =>
        Assert.True(Repository.Files($"Mm.Analyzers/{room}", "*.cs").Any(), $"Mm.Analyzers/{room} holds no file.");

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Files_OfARoom_LiveInItsNamespace(string room)
    {
        var astray = Repository.Files($"Mm.Analyzers/{room}", "*.cs")
            .Where(path => !File.ReadAllText(Repository.PathOf(path)).Contains($"namespace Mm.Analyzers.{room};", StringComparison.Ordinal));

        Assert.Empty(astray);
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Files_OfARoom_SeeOnlyRoomsBeforeIt(string room)
    {
        var hidden = _rooms.Skip(Array.IndexOf(_rooms, room) + 1).ToArray();
        var breaches =
            from path in Repository.Files($"Mm.Analyzers/{room}", "*.cs")
            from line in CodeLines(path)
            from Match mention in RoomMention().Matches(line)
            where hidden.Contains(mention.Groups[1].Value)
            select $"{path}: {line.Trim()}";

        Assert.Empty(breaches);
    }

    [Fact]
    public void Lattice_KnowsNothing_OfTheCompiler() => Assert.Empty(Mentions("Lattice", "Microsoft.CodeAnalysis"));

    [Theory]
    [MemberData(nameof(RoomsWithoutOperations))]
    public void Files_PastFacts_SeeNeitherSyntaxNorOperations(string room)
    {
        Assert.Empty(Mentions(room, "Microsoft.CodeAnalysis.CSharp.Syntax"));
        Assert.Empty(Mentions(room, "Microsoft.CodeAnalysis.Operations"));
    }

    private static IEnumerable<string> Mentions(string room, string name) =>
        from path in Repository.Files($"Mm.Analyzers/{room}", "*.cs")
        from line in CodeLines(path)
        where line.Contains(name, StringComparison.Ordinal)
        select $"{path}: {line.Trim()}";

    private static IEnumerable<string> CodeLines(string path) =>
        File.ReadLines(Repository.PathOf(path)).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal));

    [GeneratedRegex(@"Mm\.Analyzers\.(\w+)")]
    private static partial Regex RoomMention();

    [GeneratedRegex("(Helper|Helpers|Utils|Utility|Manager|Common|Misc)$")]
    private static partial Regex EmptyName();
}
