using Platforms;

await Wiring.Build(args).RunAsync();
