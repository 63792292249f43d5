<?php
// The same work as ours, written as a PHP programmer would: the peer that the benchmarks measure against.
$config = ['caller' => 'mailstore@example.test', 'secret' => getenv('BENCH_SECRET'), 'database' => getenv('BENCH_DATABASE')];

function answer(int $status, $data): never {
    $body = json_encode($data);
    http_response_code($status);
    header('Content-Type: text/json; charset=utf-8');
    header('Cache-Control: no-store');
    header('X-Content-Type-Options: nosniff');
    header('Content-Length: ' . strlen($body));
    echo $body;
    exit;
}

function verify(string $stored, string $password): bool {
    if (!str_starts_with($stored, '{SSHA512}')) {
        return false;
    }
    $raw = base64_decode(substr($stored, 9), true);
    return hash_equals(substr($raw, 0, 64), hash('sha512', $password . substr($raw, 64), true));
}

[$user, $password] = explode(':', base64_decode(substr($_SERVER['HTTP_AUTHORIZATION'] ?? 'Basic ', 6)), 2) + ['', ''];
[, $salt, $digest] = explode('$', $config['secret']);
if ($user !== $config['caller'] || !hash_equals($digest, hash_hmac('sha256', $password, $salt))) {
    header('WWW-Authenticate: Basic realm="MailStore integration", charset="UTF-8"');
    answer(401, ['error' => 'unknown caller']);
}
$database = new PDO('sqlite:' . $config['database'], null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
switch ($_POST['cmd'] ?? '') {
    case 'list':
        $users = [];
        $query = 'SELECT login, name, mail FROM users WHERE active = 1';
        foreach ($database->query($query)->fetchAll(PDO::FETCH_ASSOC) as $row) {
            $user = ['userName' => $row['login'], 'fullName' => $row['name']];
            if ($row['mail'] !== null) {
                $user['emailAddresses'] = preg_split('/[\s,;]+/', $row['mail'], -1, PREG_SPLIT_NO_EMPTY);
            }
            $users[] = $user;
        }
        answer(200, $users);
    case 'auth':
        $statement = $database->prepare('SELECT password FROM users WHERE login = :user AND active = 1');
        $statement->execute(['user' => $_POST['user']]);
        $stored = $statement->fetchColumn();
        answer(200, ['succeeded' => $stored !== false && verify($stored, $_POST['pass'])]);
    default:
        answer(400, ['error' => 'unknown command']);
}
