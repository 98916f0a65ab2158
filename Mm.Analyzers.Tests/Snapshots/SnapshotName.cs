using System;
using System.Collections.Generic;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace VerifyTests;

/// <summary>The part of a snapshot's file name that tells the test: <c>Class.Method_p=v</c>.</summary>
internal static class SnapshotName
{
    private const string NotInFileNames = "\"\\<>|:*?/";

    internal static string Of(MethodInfo test, IReadOnlyList<object?>? values)
    {
        var name = new StringBuilder();
        AppendType(name, test.ReflectedType!);
        name.Append('.').Append(test.Name);

        if (values is not null)
        {
            var parameters = test.GetParameters();
            if (values.Count > parameters.Length)
            {
                throw new ArgumentException(
                    $"{values.Count} values were given to UseParameters, but {test.Name} has {parameters.Length} parameters.");
            }

            for (var i = 0; i < values.Count; i++)
            {
                name.Append('_').Append(parameters[i].Name).Append('=').Append(ValueText(values[i]));
            }
        }

        return name.ToString();
    }

    /// <summary>A value as it stands in a file name: the same on every machine, without characters that some system forbids.</summary>
    internal static string ValueText(object? value)
    {
        var text = value switch
        {
            null => "null",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "null",
        };

        return string.Create(text.Length, text, static (buffer, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                var c = source[i];
                buffer[i] = c < ' ' || NotInFileNames.Contains(c) ? '-' : c;
            }
        });
    }

    private static void AppendType(StringBuilder name, Type type)
    {
        if (type.DeclaringType is { } outer)
        {
            AppendType(name, outer);
            name.Append('.');
        }

        name.Append(type.Name);
    }
}
