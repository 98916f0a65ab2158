// A handler that reads a file while the window waits, and a worker that touches a label which is not its own.
using System.IO;
using System.Threading.Tasks;
using Mm.Contexts;

namespace DotNet.Window.Bug;

public sealed class Editor(IDispatcher dispatcher)
{
    private readonly Label _status = new();

    [RunsIn<UiThread>]
    public void OnOpenClicked(string path) => Open(path); // MM1001

    public void Index(string path) => Task.Run(() =>
    {
        int words = File.ReadAllText(path).Split(' ').Length;
        _status.Text = $"{words} words"; // MM1008
    });

    public void Save(string path, string text) => dispatcher.Post(() => File.WriteAllText(path, text)); // MM1001

    private void Open(string path) => Show(File.ReadAllText(path));

    private void Show(string text) => dispatcher.Post(() => _status.Text = text);
}
