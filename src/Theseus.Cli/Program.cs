using Theseus.Cli;

return await CommandLine.RunAsync(args);
