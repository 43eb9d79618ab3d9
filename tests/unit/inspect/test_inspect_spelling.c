/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structure convicts, not the payload: of each shape, hundreds of spellings that mean the same to the language attacked
 * (names, numbers, texts, quotes, blanks, case, equivalent elements and calls, encodings), of which at most one in a
 * hundred may pass; and shapes of honest texts, of which none may alarm.
 */
#include "spelling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../lib/scratch.h"

#define VARIANTS 240u

static const struct spelling_shape script[] = {
        {"<%t%bon%e=%d(%n)>", "ie"},
        {"<%t/on%e=%d`%n`>", "ie"},
        {"<img src=%w%bon%e%o=%o%q%d(%n)%q>", "ie"},
        {"%q>%o<%t%bon%e=%d(%n)>", "e"},
        {"%q%bon%e=%q%d(%n)%q", "e"},
        {"%w%q%bautofocus on%e=%d(%n)%bx=%q", "e"},
        {"<script>%d(%n)</script>", "ie"},
        {"<script%bsrc=%q//%h/%w.js%q></script>", "ie"},
        {"<script%bsrc=https://%h/%w></script>", "ie"},
        {"%q><script>%w=%n;%d(%w)</script>", "e"},
        {"</%r><script>%d(%s)</script>", "ie"},
        {"</%r><%t on%e=%d(%n)>", "ie"},
        {"<a%bhref=%qjavascript:%d(%n)%q>%w</a>", "ie"},
        {"<iframe%bsrc=%qjavascript:%d(%s)%q></iframe>", "ie"},
        {"<form%baction=%qjavascript:%d(%n)%q><input type=submit>", "ie"},
        {"<button%bformaction=javascript:%d(%n)>%w", "ie"},
        {"<object%bdata=%qdata:text/html,<script>%d(%n)</script>%q>", "ie"},
        {"<iframe%bsrcdoc=%q<%t on%e=%d(%n)>%q>", "i"},
        {"<base%bhref=%q//%h/%q>", "ie"},
        {"<meta%bhttp-equiv=refresh%bcontent=%q%n;url=javascript:%d(%n)%q>", "ie"},
        {"<svg><set attributeName=on%e to=%d(%n)>", "i"},
        {"<svg><animate onbegin=%d(%n) attributeName=%w dur=%ns>", "i"},
        {"<div%bstyle=%q%w:expression(%d(%n))%q>", "i"},
        {"<%t v-on:%e=%q%d(%n)%q>", ""},
        {"<%t @%e=%q%d(%n)%q>", ""},
        {"<%t hx-on:%e=%q%d(%n)%q>", ""},
        {"%q;%o%d(%n)//", "e"},
        {"%q;%o%w=%n;%d(%w);%q", "e"},
        {"%q-%d(%n)-%q", "e"},
        {"%q%o+%o%d(%s)%o+%o%q", ""},
        {"%q);%d(%n)//%w", "e"},
        {"%q]);%d`%n`//", "e"},
        {"%q};%d(%w);{//", ""},
        {"%q;%g[%s+%s](%n)//", ""},
        {"%q;%g.location=%s//", ""},
        {"%q;document.%m%o=%o%s//", ""},
        {"</script><script>%d(%n)//", "ie"},
        {"${%d(%n)}", ""},
        {"%d(%n)", ""},
        {"%g[%s+%s](%n)", ""},
        {"%g.%d(%s)", ""},
        {"(%d)(%n)", ""},
        {"[%n].map(%d)", ""},
        {"[][%s+%s](%n)()", ""},
        {"javascript:%d(%n)", "i"},
        {"javascript://%w%%0a%d(%n)", "i"},
        {"data:text/html,<script>%d(%n)</script>", "ie"},
        {"{{%w.constructor(%q%d(%n)%q)()}}", ""},
        {"{{constructor.constructor(%q%d(%n)%q)()}}", ""},
        {"[%w](javascript:%d(%n))", ""},
        {"![%w%qon%e=%q%d(%n)](%w)", ""},
        {"[url=javascript:%d(%n)]%w[/url]", ""},
};

static const struct spelling_shape code[] = {
        {"__import__(%qos%q).%x(%q%c%q)", "e"},
        {"eval(%q__import__(%Qos%Q).%x(%Q%c%Q)%q)", ""},
        {"%q+__import__(%qos%q).%x(%q%c%q)+%q", "e"},
        {"%q);%o__import__(%qos%q).%x(%q%c%q)#", ""},
        {"().__class__.__bases__[%n].__subclasses__()", "e"},
        {"%q%q.__class__.__mro__[%n].__subclasses__()[%n]", ""},
        {"getattr(%w,%s+%s)(%s)", ""},
        {"require(%qchild_process%q).%y(%q%c%q)", "e"},
        {"%q;require(%qchild_process%q).%y(%q%c%q);//", "e"},
        {"require(%qfs%q).readFileSync(%q%f%q)", ""},
        {"process.mainModule.require(%s)", ""},
        {"(function(){%w=%n;return %w})()", ""},
        {"%w.constructor.constructor(%qreturn %w%q)()", ""},
        {"while(%n){}", ""},
        {"%q;while(true){%w=%n};%q", ""},
        {"for(%o;%o;%o){%w}", ""},
        {"system(%q%c%q);", ""},
        {"%q.system(%q%c%q).%q", ""},
        {"%q;system(%q%c%q);//", ""},
        {"<?php system(%q%c%q); ?>", ""},
        {"<?php eval($_POST[%q%w%q]);?>", "e"},
        {"<?=`%c`?>", "e"},
        {"{${phpinfo()}}", ""},
        {"${@%x(%q%c%q)}", ""},
        {"(%s.%s)(%s)", ""},
        {"$%w=%qsystem%q;$%w(%q%c%q);", ""},
        {"T(java.lang.Runtime).getRuntime().exec(%q%c%q)", "e"},
        {"new java.lang.ProcessBuilder(%q%c%q).start()", ""},
        {"%q%q.getClass().forName(%qjava.lang.%w%q)", ""},
        {"Runtime.getRuntime().exec(%q%c%q)", ""},
        {"%q%c%q.execute()", ""},
        {"System.Diagnostics.Process.Start(%s)", ""},
        {"System.IO.File.ReadAllText(%s)", ""},
        {"os.execute(%q%c%q)", ""},
        {"io.popen(%q%c%q):read(%s)", ""},
        {"<!--#exec cmd=%q%c%q -->", ""},
        {"global[%s+%s][%s](%s)", ""},
        {"%%{(#%w=@java.lang.Runtime@getRuntime()).exec(%q%c%q)}", ""},
};

static const struct spelling_shape template[] = {
        {"{{%o%n*%n%o}}", "e"},
        {"${%n*%n}", "e"},
        {"#{%o%n*%n%o}", "e"},
        {"<%%=%o%n*%n%o%%>", "e"},
        {"*{%n+%n}", ""},
        {"@(%n+%n)", ""},
        {"{%n*%n}", ""},
        {"[[${%n*%n}]]", ""},
        {"{{%s*%n}}", ""},
        {"%w{{%n*%n}}%w", ""},
        {"{{%o%q%q.__class__%o}}", "e"},
        {"{{%w.__class__.__mro__[%n].__subclasses__()}}", "e"},
        {"{{%w|attr(%q__class__%q)}}", ""},
        {"{{config}}", ""},
        {"{{%oself%o}}", ""},
        {"{{lipsum.__globals__[%qos%q].popen(%q%c%q)}}", ""},
        {"{{[%q%c%q]|map(%qsystem%q)}}", ""},
        {"{%%%bfor %w in [].__class__.__base__.__subclasses__()%b%%}{{%w}}{%%%bendfor%b%%}", ""},
        {"{%%%bif%b%n==%n%b%%}%w{%%%bendif%b%%}", ""},
        {"${T(java.lang.Runtime).getRuntime().exec(%q%c%q)}", ""},
        {"<#assign %w=%qfreemarker.template.utility.Execute%q?new()>${%w(%q%c%q)}", ""},
        {"#set($%w=%q%q)$%w.getClass().forName(%qjava.lang.Runtime%q)", ""},
        {"{system(%q%c%q)}", ""},
        {"<%%= system(%q%c%q) %%>", ""},
        {"{{%w.constructor.constructor(%s)()}}", ""},
        {"{{_self.env.getFilter(%q%c%q)}}", ""},
};

static const struct spelling_shape xml[] = {
        {"<!DOCTYPE %w [<!ENTITY %w SYSTEM %qfile://%f%q>]><%w>&%w;</%w>", "ie"},
        {"<!DOCTYPE %w [%o<!ENTITY%b%w%bSYSTEM%b%qhttp://%h/%w%q%o>%o]>", "ie"},
        {"<!DOCTYPE %w [<!ENTITY %% %w SYSTEM %qhttp://%h/%w.dtd%q> %%%w;]><%w/>", "e"},
        {"<!DOCTYPE %w SYSTEM %qhttp://%h/%w.dtd%q><%w/>", "ie"},
        {"<!DOCTYPE %w PUBLIC %q%w%q %qhttp://%h/%w.dtd%q>", "i"},
        {"<!ENTITY %w PUBLIC %q%w%q %qfile://%f%q>", "i"},
        {"<!DOCTYPE %w [<!ENTITY %w %q%w%q><!ENTITY %w %q&%w;&%w;&%w;%q>]>", "i"},
        {"<xi:include%bparse=%qtext%q%bhref=%qfile://%f%q/>", "e"},
        {"<%w xmlns:%w=%qhttp://www.w3.org/2001/XInclude%q><%w:include href=%qhttp://%h/%w%q/></%w>", ""},
        {"<xsl:copy-of select=%qdocument(%Qfile://%f%Q)%q/>", ""},
        {"<xsl:include href=%qhttp://%h/%w.xsl%q/>", ""},
};

static const struct spelling_shape prototype[] = {
        {"{\"__proto__\":{\"%w\":%n}}", ""},
        {"{\"%w\":{\"constructor\":{\"prototype\":{\"%w\":\"%w\"}}}}", ""},
        {"__proto__[%w]=%n", "e"},
        {"__proto__.%w=%n", "e"},
        {"%w[__proto__][%w]=%w", "e"},
        {"%w.__proto__.%w=%w", ""},
        {"%w[constructor][prototype][%w]=%n", "e"},
        {"{\"op\":\"add\",\"path\":\"/__proto__/%w\",\"value\":%n}", ""},
};

static const struct spelling_shape honest[] = {
        {"<p>%w %w</p><b>%w</b>", "i"},
        {"<a href=%qhttps://%h/%w%q>%w %w</a>", "i"},
        {"<img src=%qhttps://%h/%w.png%q alt=%q%w%q width=%q%n%q>", "i"},
        {"<div class=%q%w%q style=%qcolor:red;margin:%npx%q>%w</div>", ""},
        {"<iframe width=%q560%q height=%q%n%q src=%qhttps://%h/embed/%w%q></iframe>", ""},
        {"%w <%w@%h>", ""},
        {"%w said %q%w %w%q (%w)", ""},
        {"%w=%n", ""},
        {"%w(%n) = %n*%w + %n", ""},
        {"List<%w> %w = new ArrayList<>();", ""},
        {"{{%w}}", ""},
        {"{{ %w.%w }}", ""},
        {"Hello {{%w}}, your order {{%w}} is ready", ""},
        {"${%w.%w}", ""},
        {"<%%= %w %%>", ""},
        {"{%w} %w {%w}", ""},
        {"{%% if %w %%}%w{%% endif %%}", ""},
        {"[%w](https://%h/%w)", ""},
        {"<Button onClick={%w}>%w</Button>", ""},
        {"<li v-for=%q%w in %w%q :key=%q%w.id%q>{{ %w.name }}</li>", ""},
        {"<!DOCTYPE html><html><head><title>%w</title></head><body>%w</body></html>", "i"},
        {"<?xml version=%q1.0%q?><%w xmlns=%qhttp://www.w3.org/%n/%w%q><%w>%n</%w></%w>", ""},
        {"{\"%w\":\"%w\",\"prototype\":%n}", ""},
        {"javascript:void(0)", "i"},
        {"the %w constructor takes %n arguments", ""},
        {"%w's %w isn't %w; it's %w", ""},
        {"console.log(%s, %w)", ""},
        {"why does os.system(%qls%q) %w the %w?", ""},
};

static void check_attacks(const struct spelling_shape *shapes, size_t count)
{
	const struct gb_inspect_options options = {0};
	unsigned failures = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned missed = 0;
		char text[4096], example[512] = "";

		for (unsigned turn = 0; turn < VARIANTS; turn++) {
			struct gb_inspect_report report;
			size_t n = spelling_of(&shapes[i], (uint32_t)(i * 1000 + turn + 1), text, sizeof(text));

			gb_inspect_value(&options, gb_span_of(text, n), scratch, &report);
			if (report.finding_count != 0)
				continue;
			if (missed++ == 0)
				snprintf(example, sizeof(example), "%.*s", (int)n, text);
		}
		if (missed * 100 > VARIANTS) {
			print_error("%s: %u of %u pass, as: %s\n", shapes[i].shape, missed, VARIANTS, example);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}
#define CHECK_ATTACKS(shapes) check_attacks(shapes, sizeof(shapes) / sizeof((shapes)[0]))

static void test_script(void **state)
{
	(void)state;
	CHECK_ATTACKS(script);
}

static void test_code(void **state)
{
	(void)state;
	CHECK_ATTACKS(code);
}

static void test_template(void **state)
{
	(void)state;
	CHECK_ATTACKS(template);
}

static void test_xml(void **state)
{
	(void)state;
	CHECK_ATTACKS(xml);
}

static void test_prototype(void **state)
{
	(void)state;
	CHECK_ATTACKS(prototype);
}

static void test_honest(void **state)
{
	const struct gb_inspect_options options = {0};
	unsigned failures = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(honest) / sizeof(honest[0]); i++) {
		for (unsigned turn = 0; turn < VARIANTS; turn++) {
			struct gb_inspect_report report;
			char text[4096];
			size_t n = spelling_of(&honest[i], (uint32_t)(i * 1000 + turn + 1), text, sizeof(text));

			gb_inspect_value(&options, gb_span_of(text, n), scratch, &report);
			if (report.finding_count == 0)
				continue;
			print_error("%s alarms with %s, as: %.*s\n", honest[i].shape, report.findings[0].reason, (int)n,
			        text);
			failures++;
			break;
		}
	}
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_script),
	        cmocka_unit_test(test_code),
	        cmocka_unit_test(test_template),
	        cmocka_unit_test(test_xml),
	        cmocka_unit_test(test_prototype),
	        cmocka_unit_test(test_honest),
	};

	return run_tests_with_scratch(tests);
}
