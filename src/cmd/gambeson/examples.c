/* SPDX-License-Identifier: Apache-2.0 */
/* What to type: the examples of each command, for `--help` and the man page. tests/cli/test_usage.py holds them against the options. */
#include "cmd/gambeson/options.h"

#include <string.h>

static const struct example {
	const char *command; /* its whole name; several rows may have the same */
	const char *line;    /* without "gambeson " */
} examples[] = {
        {"", "local invoke --code examples/goat --event examples/goat/events/attack/1-env.json --mode block"},
        {"", "inspect examples/goat/events/attack/1-env.json"},
        {"", "layer build -o gambeson-layer.zip"},
        {"audit list", "audit list"},
        {"audit verify", "audit verify --data /var/lib/gambeson"},
        {"backup", "backup --data /var/lib/gambeson /backup/gambeson-monday.db"},
        {"completion", "completion bash >/etc/bash_completion.d/gambeson"},
        {"events", "events --class sqli --severity high --from 2026-11-21"},
        {"events", "events --function 7 --follow"},
        {"exclusions add",
                "exclusions add --function orders -m 'reads its own host name' 'files: {read: [/etc/hosts]}'"},
        {"exclusions edit", "exclusions edit 12 --expires 2026-12-31 -m 'until the migration is over'"},
        {"exclusions from-event", "exclusions from-event 01JD7ZK3W8XQ4V0T5M2N6P7R9S"},
        {"exclusions list", "exclusions list --function orders"},
        {"exclusions preview", "exclusions preview --function orders 'files: {read: [/etc/hosts]}'"},
        {"exclusions remove", "exclusions remove 12"},
        {"functions list", "functions list --sort -last_event --limit 20"},
        {"functions set", "functions set 7 --mode block"},
        {"ingest", "ingest --file function.log --follow --server https://gambeson.example"},
        {"ingest", "ingest --cloudwatch /aws/lambda/orders --resume orders.json"},
        {"ingest", "ingest --kafka broker:9092 --topic '^logs-'"},
        {"inspect", "inspect examples/goat/events/attack/1-env.json"},
        {"inspect", "inspect --policy policy.yaml recorded/"},
        {"layer build", "layer build -o gambeson-layer.zip --policy policy.gbp"},
        {"local invoke",
                "local invoke --code examples/goat --event examples/goat/events/attack/1-env.json --mode block"},
        {"local invoke", "local invoke --code examples/goat --event examples/goat/events/benign --no-gambeson"},
        {"local profile", "local profile --code examples/goat --count 50 -o policy.yaml examples/goat/events/benign"},
        {"login", "login --server https://gambeson.example <token.txt"},
        {"logout", "logout"},
        {"policy compile", "policy compile policy.yaml -o policy.gbp"},
        {"policy compile", "policy compile policies/ --function orders --tag env=prod --key policy.key -o policy.gbp"},
        {"policy diff", "policy diff old.gbp policies/ --function orders"},
        {"policy explain", "policy explain --policy policy.yaml file_read /etc/passwd"},
        {"policy group-key", "policy group-key -o payments.secret"},
        {"policy group-key", "policy group-key --rotate -o payments.secret payments.yaml"},
        {"policy keygen", "policy keygen -o keys/"},
        {"policy pull", "policy pull policies/"},
        {"policy push", "policy push --dry-run policies/"},
        {"policy push", "policy push policies/ -m 'orders may reach the new database'"},
        {"policy schema", "policy schema >policy.schema.json"},
        {"policy show", "policy show policies/ --function orders"},
        {"policy sign", "policy sign --key policy.key policy.gbp"},
        {"policy test", "policy test --policy policies/ cases.yaml"},
        {"policy validate", "policy validate policies/"},
        {"policy verify", "policy verify --key policy.pub policy.gbp"},
        {"probe", "probe"},
        {"profile approve", "profile approve orders.json 3f2a --by alice"},
        {"profile diff", "profile diff orders.json --from 41 --to 42"},
        {"profile export", "profile export orders.json -o policy.yaml"},
        {"profile learn", "profile learn function.log -o policy.yaml --profile orders.json"},
        {"profile merge", "profile merge -o orders.json monday.log tuesday.log"},
        {"profile show", "profile show orders.json"},
        {"replay", "replay --policy policy.yaml --posture block function.log recorded/"},
        {"rules add", "rules add --everywhere -m 'nobody needs it' 'files: {read: [/etc/shadow]}'"},
        {"rules edit", "rules edit 3 --expires never"},
        {"rules list", "rules list"},
        {"rules preview", "rules preview --everywhere 'files: {read: [/etc/shadow]}'"},
        {"rules remove", "rules remove 3"},
        {"run", "run --mode detect -- node server.js"},
        {"serve", "serve"},
        {"serve", "serve --data /var/lib/gambeson --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem"},
        {"tokens list", "tokens list"},
        {"tokens revoke", "tokens revoke 5"},
        {"users add", "users add alice --role analyst --account 123456789012 <password.txt"},
        {"users delete", "users delete 4"},
        {"users list", "users list"},
        {"version", "version --json"},
};

const char *gb_examples_next(const char *command, size_t *ref_at)
{
	while (*ref_at < sizeof(examples) / sizeof(examples[0])) {
		const struct example *example = &examples[(*ref_at)++];

		if (strcmp(example->command, command) == 0)
			return example->line;
	}
	return NULL;
}
