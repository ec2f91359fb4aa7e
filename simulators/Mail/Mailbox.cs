namespace Mail;

/// <summary>The messages received, newest first, up to a number; the one place they are kept, whatever recipient they were for.</summary>
internal sealed class Mailbox
{
    private readonly Lock gate = new();
    private readonly Queue<Message> messages;
    private readonly Archive archive;
    private readonly int capacity;
    private TaskCompletionSource arrival = NewArrival();

    public Mailbox(Settings settings, Archive archive)
    {
        (this.archive, capacity) = (archive, settings.Mailbox.Capacity);
        messages = new(archive.Load(capacity));
    }

    /// <summary>Completed when the next message comes. Take it before looking, and no arrival is missed.</summary>
    public Task NextArrival
    {
        get
        {
            lock (gate)
            {
                return arrival.Task;
            }
        }
    }

    /// <summary>Keeps a message; when this returns it survives the end of the process (where there is a state directory).</summary>
    public async Task Keep(Message message)
    {
        await archive.Append(message);
        TaskCompletionSource arrived;
        lock (gate)
        {
            messages.Enqueue(message);
            if (messages.Count > capacity)
            {
                messages.Dequeue();
            }

            (arrived, arrival) = (arrival, NewArrival());
        }

        arrived.SetResult();
    }

    public IReadOnlyList<Message> NewestFirst(Func<Message, bool>? wanted = null)
    {
        Message[] all;
        lock (gate)
        {
            all = [.. messages];
        }

        Array.Reverse(all);
        return wanted is null ? all : [.. all.Where(wanted)];
    }

    public Message? Find(string id) => NewestFirst().FirstOrDefault(message => message.Id == id);

    public async Task Clear()
    {
        await archive.Clear();
        lock (gate)
        {
            messages.Clear();
        }
    }

    private static TaskCompletionSource NewArrival() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
