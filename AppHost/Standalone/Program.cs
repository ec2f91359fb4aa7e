using System.Runtime.InteropServices;
using Standalone;

Options options;
try
{
    options = Options.Parse(args);
}
catch (FormatException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Ask);
return await Commands.Run(options, stop.Token);

void Ask(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
