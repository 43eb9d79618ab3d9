# SPDX-License-Identifier: Apache-2.0
# A custom runtime in Ruby: Net::HTTP in a loop, one connection that is kept. The handler is in function.rb.
require 'json'
require 'net/http'
require_relative 'function'

API = '/2018-06-01/runtime/invocation'

def answer(body)
  ['response', JSON.generate(handler(JSON.parse(body)))]
rescue StandardError => e
  ['error', JSON.generate({ errorType: e.class.name, errorMessage: e.message })]
end

host, port = ENV.fetch('AWS_LAMBDA_RUNTIME_API').split(':')
http = Net::HTTP.new(host, port.to_i)
http.read_timeout = nil
http.start do
  loop do
    event = http.get("#{API}/next")
    id = event['Lambda-Runtime-Aws-Request-Id']
    kind, body = answer(event.body)
    http.post("#{API}/#{id}/#{kind}", body, { 'Content-Type' => 'application/json' })
  end
end
