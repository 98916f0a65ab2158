namespace Mm.Analyzers.Lattice;

/// <summary>
/// Up to which size values travel to callers: conditions as long as people write them, numbers that are computed only as long as a step
/// or two, because those grow with every turn of a recursion.
/// </summary>
internal static class PortableSize
{
    private const int Condition = 16;
    private const int Number = 7;

    public static bool Holds(Value value) => value.Size <= Number || value.Size <= Condition && !Computes(value);

    private static bool Computes(Value value) => value is Operation operation && (operation.Kind switch
    {
        Operator.Not or Operator.Complement or Operator.And or Operator.Or or Operator.Xor or Operator.Equal or Operator.Less or Operator.LessOrEqual
            or Operator.IsType or Operator.TryCast or Operator.Coalesce => false,
        _ => true,
    } || Computes(operation.Left) || operation.Right is { } right && Computes(right));
}
