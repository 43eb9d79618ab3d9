# SPDX-License-Identifier: Apache-2.0
#
# The few commands that people type; Meson and ninja do the work. docs/HACKING.md says more.

PREFIX  ?= /usr/local
DESTDIR ?=
# Seconds for each fuzz target of `make fuzz`.
FUZZ_SECONDS ?= 60
CLANG ?= clang-14

version = $(shell sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)
sources = $(shell git ls-files '*.c' '*.h')

.PHONY: all demo portal-shots test crossval stress bench bench-compare fuzz install format lint setup clean help
.DEFAULT_GOAL := all

help: ## what each target does
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

all: ## release builds of gambeson, gambeson-agent and libgambeson.so in build/bin
	@scripts/build-bin

demo: ## install what the demo needs, build, and show the whole story on a real function
	@scripts/setup demo
	@scripts/build-bin
	@scripts/demo

portal-shots: ## pictures of the portal with made-up events, for docs/portal
	@scripts/setup portal-shots
	@scripts/build-bin
	@scripts/portal-shots

test: ## install what the tests need, build every flavour, run every test
	@scripts/setup test
	@tools/run-tests

# Events of each example, half of which are learned; 0: 10,000, or what the example needs.
CROSSVAL_EVENTS ?= 0

crossval: ## learn the functions in examples/ on one half of their events, judge the other half and attacks (an hour)
	@scripts/setup test
	@scripts/build-bin
	@[ -f build/release/build.ninja ] || meson setup build/release >build/release.log 2>&1
	@ninja -C build/release --quiet tests/cage/cage
	@tests/crossval/run build/release/tests/cage/cage --events $(CROSSVAL_EVENTS) --write build/crossval/results

stress: ## the sensor under eight threads for five minutes (20 s of it are in `make test`)
	@scripts/setup test
	@[ -f build/release/build.ninja ] || meson setup build/release >build/release.log 2>&1
	@ninja -C build/release stress

bench: ## measure with and without Gambeson in turn; writes build/bench.json
	@scripts/setup test
	@scripts/build-bin
	@/usr/bin/python3 bench/bench.py
	@/usr/bin/python3 bench/store.py
	@/usr/bin/python3 bench/portal.py
	@/usr/bin/python3 bench/serve.py

bench-compare: ## the input firewall beside libddwaf, ModSecurity and libinjection, which it installs
	@scripts/setup bench-compare
	@scripts/build-bin
	@/usr/bin/python3 bench/compare.py

fuzz: ## every fuzz target under libFuzzer for FUZZ_SECONDS each
	@scripts/setup test
	@CC=$(CLANG) tools/run-fuzz $(FUZZ_SECONDS)

install: all ## into DESTDIR/PREFIX: programs, the layer's parts, the C library, man pages
	install -D -m 0755 build/bin/gambeson $(DESTDIR)$(PREFIX)/bin/gambeson
	install -D -m 0755 build/bin/gambeson-agent $(DESTDIR)$(PREFIX)/lib/gambeson/gambeson-agent
	install -D -m 0755 build/bin/libgambeson.so $(DESTDIR)$(PREFIX)/lib/gambeson/libgambeson.so
	install -D -m 0644 build/bin/inspect.h $(DESTDIR)$(PREFIX)/include/gambeson/inspect.h
	install -D -m 0644 build/bin/libgambeson-inspect.a $(DESTDIR)$(PREFIX)/lib/libgambeson-inspect.a
	install -D -m 0755 build/bin/libgambeson-inspect.so.0.1 $(DESTDIR)$(PREFIX)/lib/libgambeson-inspect.so.0.1
	ln -sf libgambeson-inspect.so.0.1 $(DESTDIR)$(PREFIX)/lib/libgambeson-inspect.so
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig
	sed 's|@up@|../..|; s|@libdir@|lib|; s|@version@|$(version)|' src/inspect/library/gambeson-inspect.pc.in \
		>$(DESTDIR)$(PREFIX)/lib/pkgconfig/gambeson-inspect.pc
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 0644 man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1

format: ## clang-format every source file
	@clang-format-14 -i $(sources)

lint: ## the checks of `make test` on the sources, and clang-tidy
	@scripts/setup test
	@tools/lint --tidy

setup: ## install what the tests need
	@scripts/setup test

clean: ## remove all builds; keeps build/deps
	@find build -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} + 2>/dev/null || true
