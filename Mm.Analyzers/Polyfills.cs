namespace System.Runtime.CompilerServices;

/// <summary>What the C# compiler asks for records and init accessors, and netstandard2.0 does not have.</summary>
internal static class IsExternalInit;
