namespace Theseus.Move.Compiler;

/// <summary>A place in a source file: index of the file in the compilation, first offset, offset past the end (UTF-16 units).</summary>
public readonly record struct Span(int File, int Start, int End)
{
    /// <summary>Stands in no file: items of libraries, and what the compiler makes itself.</summary>
    public static readonly Span None = new(-1, 0, 0);

    /// <summary>
    /// From the start of this place to the end of another; this place alone when the other is in another file or ends before it
    /// starts.
    /// </summary>
    public Span To(Span other) => File == other.File && other.End >= Start ? new(File, Start, other.End) : this;
}

/// <summary>One text of a compilation with its line starts.</summary>
public sealed class SourceFile
{
    private readonly int[] _lineStarts;

    /// <summary>Finds the lines once; a line ends with a line feed.</summary>
    /// <param name="path">As diagnostics show it, with slashes; no file is opened.</param>
    /// <param name="text">The whole text.</param>
    public SourceFile(string path, string text)
    {
        Path = path;
        Text = text;
        List<int> starts = [0];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
            {
                starts.Add(i + 1);
            }
        }

        _lineStarts = [.. starts];
    }

    /// <summary>The path that diagnostics show.</summary>
    public string Path { get; }

    /// <summary>The whole text; <see cref="Span"/> counts its UTF-16 units.</summary>
    public string Text { get; }

    /// <summary>Line and column of an offset, both from 1.</summary>
    public (int Line, int Column) Position(int offset)
    {
        offset = Math.Clamp(offset, 0, Text.Length);
        int index = Array.BinarySearch(_lineStarts, offset);
        index = index >= 0 ? index : ~index - 1;
        return (index + 1, offset - _lineStarts[index] + 1);
    }

    /// <summary>The text of a line without its end; empty when there is no such line.</summary>
    public string Line(int line)
    {
        if (line < 1 || line > _lineStarts.Length)
        {
            return "";
        }

        int start = _lineStarts[line - 1];
        int end = line < _lineStarts.Length ? _lineStarts[line] - 1 : Text.Length;
        return Text[start..Math.Max(start, end)].TrimEnd('\r');
    }
}
