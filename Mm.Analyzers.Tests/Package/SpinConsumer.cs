// .NET's own locks with the options on, and a lock by attributes: as a user of any framework would write it.
using System;
using System.Threading;
using System.Threading.Tasks;
using Mm.Contexts;

namespace Consumer
{
    [Scope<SpinLockHeld>]
    public readonly struct Lease : IDisposable
    {
        public void Dispose() { }
    }

    public sealed class Store
    {
        private readonly object _gate = new object();
        private SpinLock _spin = new SpinLock(false);
        private int[] _room = new int[4];

        public Lease Take() => default;

        public void UnderASpinLock()
        {
            bool taken = false;
            try
            {
                _spin.Enter(ref taken);
                Thread.Sleep(1); // MM1001
                _room = new int[8]; // MM1004
            }
            finally
            {
                if (taken) _spin.Exit();
            }
        }

        public void UnderALock(Task task)
        {
            lock (_gate)
            {
                task.Wait(); // MM1005
            }
        }

        public async Task Async()
        {
            await Task.Yield();
            Pause(); // MM1005
        }

        public void UnderALease()
        {
            using (Take())
            {
                Pause(); // MM1001
            }
        }

        public void Copy()
        {
            var copy = _spin; // MM2011
            Console.WriteLine(copy.IsHeld);
        }

        [Never<Sleep>]
        public int Count() => _room.Length;

        private static void Pause() => Thread.Sleep(1);
    }
}
