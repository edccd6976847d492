using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Theseus.Move.Compiler.Packages;

/// <summary>A value of a TOML document with its place and that of its key.</summary>
/// <param name="Key">Where the key stands.</param>
/// <param name="Span">Where the value stands; for a table with a header the header's key.</param>
/// <param name="Value">A <see cref="TomlTable"/>, a list of values, a string, or whatever else a scalar is.</param>
internal readonly record struct TomlEntry(Span Key, Span Span, object Value);

/// <summary>A TOML table by keys in ordinal order, whichever of the three ways of writing tables the document uses.</summary>
internal sealed class TomlTable
{
    public SortedDictionary<string, TomlEntry> Entries { get; } = new(StringComparer.Ordinal);

    /// <summary>The whole document, or null after a report of its first fault.</summary>
    public static TomlTable? Parse(string text, int file, DiagnosticBag diagnostics)
    {
        Reader reader = new(file, text.Length);
        DocumentSyntax document;
        try
        {
            document = SyntaxParser.Parse(text, "Move.toml", validate: true);
        }
        catch (TomlException fault)
        {
            // the parser throws where nesting exceeds its limit
            diagnostics.Report(Codes.Package, new Span(file, 0, Math.Min(1, text.Length)), fault.Message);
            return null;
        }
        catch (ArgumentOutOfRangeException)
        {
            // the parser hands on what an escape such as \ud800 names without looking whether it is a character
            Span start = new(file, 0, Math.Min(1, text.Length));
            diagnostics.Report(Codes.Package, start, "an escape (\\u, \\U) in the manifest names no character");
            return null;
        }

        foreach (DiagnosticMessage message in document.Diagnostics)
        {
            if (message.Kind == DiagnosticMessageKind.Error)
            {
                diagnostics.Report(Codes.Package, reader.At(message.Span), message.Message);
                return null;
            }
        }

        TomlTable root = new();
        reader.Fill(root, document.KeyValues);
        foreach (TableSyntaxBase table in document.Tables)
        {
            if (table is TableArraySyntax || table.Name is null)
            {
                diagnostics.Report(Codes.Package, reader.At(table.Span), "lists of tables, [[…]], mean nothing in Move.toml");
                return null;
            }

            reader.Fill(reader.Open(root, table.Name), table.Items);
        }

        return root;
    }

    private sealed class Reader(int file, int length)
    {
        public Span At(SourceSpan span)
        {
            int start = Math.Clamp(span.Start.Offset, 0, length);
            return new Span(file, start, Math.Clamp(span.End.Offset + 1, start, length));
        }

        public void Fill(TomlTable table, SyntaxList<KeyValueSyntax> items)
        {
            foreach (KeyValueSyntax item in items)
            {
                if (item.Key is not { } key || item.Value is not { } value)
                {
                    continue; // reported by the parser
                }

                List<string> path = Path(key);
                TomlTable target = Descend(table, path, At(key.Span));
                target.Entries[path[^1]] = new TomlEntry(At(key.Span), At(value.Span), Value(value));
            }
        }

        /// <summary>The table that a header opens.</summary>
        public TomlTable Open(TomlTable root, KeySyntax name)
        {
            List<string> path = Path(name);
            path.Add("");
            return Descend(root, path, At(name.Span));
        }

        private static List<string> Path(KeySyntax key)
        {
            List<string> path = [Text(key.Key)];
            foreach (DottedKeyItemSyntax next in key.DotKeys)
            {
                path.Add(Text(next.Key));
            }

            return path;
        }

        private static string Text(BareKeyOrStringValueSyntax? key) => key switch
        {
            BareKeySyntax bare => bare.Key?.Text ?? "",
            StringValueSyntax text => text.Value ?? "",
            _ => "",
        };

        /// <summary>The table that the path names without its last part; what is missing on the way is made.</summary>
        private static TomlTable Descend(TomlTable table, List<string> path, Span span)
        {
            for (int i = 0; i + 1 < path.Count; i++)
            {
                if (!table.Entries.TryGetValue(path[i], out TomlEntry entry) || entry.Value is not TomlTable next)
                {
                    next = new TomlTable();
                    table.Entries[path[i]] = new TomlEntry(span, span, next);
                }

                table = next;
            }

            return table;
        }

        private object Value(ValueSyntax value)
        {
            switch (value)
            {
                case StringValueSyntax text:
                    return text.Value ?? "";
                case BooleanValueSyntax boolean:
                    return boolean.Value;
                case IntegerValueSyntax integer:
                    return integer.Value;
                case ArraySyntax array:
                {
                    List<object> items = [];
                    foreach (ArrayItemSyntax item in array.Items)
                    {
                        if (item.Value is { } inner)
                        {
                            items.Add(Value(inner));
                        }
                    }

                    return items;
                }

                case InlineTableSyntax inline:
                {
                    TomlTable table = new();
                    foreach (InlineTableItemSyntax item in inline.Items)
                    {
                        if (item.KeyValue is { Key: { } key, Value: { } inner })
                        {
                            List<string> path = Path(key);
                            Descend(table, path, At(key.Span)).Entries[path[^1]] = new TomlEntry(At(key.Span), At(inner.Span),
                                Value(inner));
                        }
                    }

                    return table;
                }

                default:
                    return value; // a date or a number with a point: no part of a manifest has such a type
            }
        }
    }
}
