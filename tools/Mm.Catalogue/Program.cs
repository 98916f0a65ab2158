using Mm.Catalogue;

return CommandLine.Run(args);
