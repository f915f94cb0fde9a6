package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

var completionCommand = command{
	name: "completion", args: "bash|zsh|fish", about: "prints what makes a shell complete commands and flags",
	help: "Prints a script for the shell's own start file:\n\n  bash   source <(mlp completion bash)\n  zsh    source <(mlp completion zsh)\n  fish   mlp completion fish | source",
	flags: func(*flag.FlagSet) func(context.Context, []string, stdio) error {
		return func(_ context.Context, args []string, std stdio) error {
			shell, err := one(args, "a shell")
			if err != nil {
				return err
			}
			script, ok := completions[shell]
			if !ok {
				return usagef("%q: bash, zsh or fish", shell)
			}
			_, err = io.WriteString(std.out, script)
			return err
		}
	},
}

// completions ask mlp itself for words, and leave the rest to the shell: files.
var completions = map[string]string{
	"bash": `_mlp() { mapfile -t COMPREPLY < <(compgen -W "$(mlp __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"); }
complete -o default -o bashdefault -F _mlp mlp
`,
	"zsh": `_mlp() { local -a all; all=(${(f)"$(mlp __complete "${words[@]:1:$((CURRENT-1))}" 2>/dev/null)"}); compadd -a all || _files; }
compdef _mlp mlp
`,
	"fish": `complete -c mlp -a '(mlp __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
}

// candidates writes the words that may stand where the last one is being typed.
func candidates(words []string, w io.Writer) {
	var all []string
	last := ""
	if len(words) > 0 {
		last = words[len(words)-1]
	}
	switch {
	case len(words) <= 1:
		for _, c := range commands {
			all = append(all, c.name)
		}
		all = append(all, "help")
	case words[0] == "help":
		for _, c := range commands {
			all = append(all, c.name)
		}
	case find(words[0]) != nil && strings.HasPrefix(last, "-"):
		fs := flag.NewFlagSet("", flag.ContinueOnError)
		find(words[0]).flags(fs)
		fs.VisitAll(func(f *flag.Flag) { all = append(all, "-"+f.Name) })
	case words[0] == "completion":
		all = []string{"bash", "fish", "zsh"}
	}
	slices.Sort(all)
	for _, word := range all {
		if strings.HasPrefix(word, last) {
			fmt.Fprintln(w, word)
		}
	}
}
