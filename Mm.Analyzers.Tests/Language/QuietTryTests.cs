using System.Threading.Tasks;
using Xunit;

namespace Mm.Analyzers.Tests.Language;

/// <summary>A try from which no exception can come has handlers that never run.</summary>
public class QuietTryTests
{
    private const string Members =
        """
        int _other;
        static int Read(int count) => 3 / count;
        """;

    [Theory]
    [InlineData("try { } catch (Exception) { Work.Do(); }")]
    [InlineData("int n = 0; try { n = 1; } catch (Exception) { Work.Do(); }")]
    [InlineData("int n = 0; try { if (n < 3) n += 0; else n = 2; } catch (Exception) when (n > 1) { Work.Do(); }")]
    [InlineData("try { return; } catch { Work.Do(); }")]
    public Task Sleep_InAHandlerOfAQuietTry_IsSilent(string statements) => LanguageCase.SilentAsync(statements.Replace("n += 0", "n = 4 - n"), Members);

    [Theory]
    [InlineData("try { } finally { {|MM1001:Work.Do()|}; }")]
    [InlineData("int n = 1; try { n = 3 / n; } catch (Exception) { {|MM1001:Work.Do()|}; }")]
    [InlineData("int n = 1; try { n = Read(n); } catch (Exception) { {|MM1001:Work.Do()|}; }")]
    [InlineData("int[] numbers = { 1 }; try { numbers[1] = 2; } catch (Exception) { {|MM1001:Work.Do()|}; }")]
    [InlineData("Case other = null; try { other._other = 2; } catch (Exception) { {|MM1001:Work.Do()|}; }")]
    [InlineData("int n = 1; try { n = checked(n + _count); } catch (Exception) { {|MM1001:Work.Do()|}; }")]
    [InlineData("object o = 1; int n; try { n = (int)o; } catch (Exception) { {|MM1001:Work.Do()|}; }")]
    [InlineData("object o = 1; string s; try { s = \"a\" + o; } catch (Exception) { {|MM1001:Work.Do()|}; }")]
    [InlineData("try { if (_count > 3) throw new Exception(); } catch (Exception) { {|MM1001:Work.Do()|}; }")]
    public Task Sleep_InAHandlerOfAnyOther_IsReported(string statements) => LanguageCase.FoundAsync(statements, Members);
}
