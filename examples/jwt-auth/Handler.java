// SPDX-License-Identifier: Apache-2.0

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** An authorizer of API Gateway: who brings a token that is signed (HS256) and still good may call what its scope names. */
public class Handler implements RequestHandler<Map<String, Object>, Object> {
    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\" *: *(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(\\d+))");
    private final SecretKeySpec key = new SecretKeySpec(System.getenv("TOKEN_SECRET").getBytes(StandardCharsets.UTF_8), "HmacSHA256");

    private static String member(String json, String name) {
        for (Matcher matcher = MEMBER.matcher(json); matcher.find();)
            if (matcher.group(1).equals(name))
                return matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
        return null;
    }

    private String claims(String token) throws GeneralSecurityException {
        String[] parts = token.split("\\.");
        if (parts.length != 3)
            return null;
        String head = new String(Base64.getUrlDecoder().decode(parts[0]), StandardCharsets.UTF_8);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(key);
        byte[] wanted = mac.doFinal((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        if (!"HS256".equals(member(head, "alg")) || !MessageDigest.isEqual(wanted, Base64.getUrlDecoder().decode(parts[2])))
            return null;
        return new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    }

    private static Object policy(String who, String effect, Object resource) {
        return Map.of("principalId", who, "policyDocument", Map.of("Version", "2012-10-17", "Statement",
                List.of(Map.of("Action", "execute-api:Invoke", "Effect", effect, "Resource", resource))));
    }

    @Override
    public Object handleRequest(Map<String, Object> event, Context context) {
        String method = String.valueOf(event.get("methodArn"));
        String token = String.valueOf(event.get("authorizationToken")).replaceFirst("^Bearer ", "");
        String claims = null;
        try {
            claims = claims(token);
        } catch (GeneralSecurityException | IllegalArgumentException error) {
            System.out.println("no token: " + error.getMessage());
        }
        if (claims == null || member(claims, "exp") == null || Long.parseLong(member(claims, "exp")) < Long.parseLong(member(claims, "iat")))
            return policy("nobody", "Deny", method);
        String scope = String.valueOf(member(claims, "scope"));
        boolean mayWrite = List.of(scope.split(" ")).contains("write");
        return policy(member(claims, "sub"), mayWrite || method.contains("/GET/") ? "Allow" : "Deny", method);
    }
}
