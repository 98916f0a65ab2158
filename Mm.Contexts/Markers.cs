namespace Mm.Contexts;

/// <summary>Marks a type as an effect: something that a call may do.</summary>
public interface IEffect;
