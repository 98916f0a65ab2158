// The file is read elsewhere; what is shown goes to the thread that owns it, or happens at once if this is that thread.
using System.IO;
using System.Threading.Tasks;
using Mm.Contexts;

namespace DotNet.Window.Repaired;

public sealed class Editor(IDispatcher dispatcher)
{
    private readonly Label _status = new();

    [RunsIn<UiThread>]
    public void OnOpenClicked(string path) => Task.Run(() => Show(File.ReadAllText(path)));

    public void Index(string path) => Task.Run(() =>
    {
        int words = File.ReadAllText(path).Split(' ').Length;
        Show($"{words} words");
    });

    public void Save(string path, string text) => Task.Run(() => File.WriteAllText(path, text));

    private void Show(string text)
    {
        if (dispatcher.IsHere) _status.Text = text;
        else dispatcher.Post(() => _status.Text = text);
    }
}
