// Asks as MailStore does, by the HTTP clients of .NET.
//
// Each line of standard input is a session, which runs in a thread of its own: the client, whether it sends its
// credentials unasked (0 or 1), the URL, user and password of the caller in Base64, then its steps. A step is a number
// of milliseconds to wait, or a form, "name:Base64&name:Base64". For each session comes a line of standard output: the
// answers, with tabs between them.
using System;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Threading;
using Form = System.Collections.Generic.List<System.Collections.Generic.KeyValuePair<string, string>>;

// A client keeps the connections of its own group, so that sessions do not share any.
abstract class Client
{
    public string Url;
    public ICredentials Caller;
    public bool PreAuthenticate;
    readonly string group = Guid.NewGuid().ToString();

    public abstract string Ask(Form form);

    protected void Prepare(HttpWebRequest request)
    {
        request.Credentials = Caller;
        request.PreAuthenticate = PreAuthenticate;
        request.ConnectionGroupName = group;
    }
}

class ByWebClient : Client
{
    class Prepared : WebClient
    {
        public ByWebClient By;

        protected override WebRequest GetWebRequest(Uri address)
        {
            var request = (HttpWebRequest)base.GetWebRequest(address);
            By.Prepare(request);
            return request;
        }
    }

    public override string Ask(Form form)
    {
        var values = new NameValueCollection();
        foreach (var field in form) values.Add(field.Key, field.Value);
        using (var client = new Prepared { By = this })
            return "200 " + Encoding.UTF8.GetString(client.UploadValues(Url, values));
    }
}

class ByHttpWebRequest : Client
{
    public override string Ask(Form form)
    {
        var request = (HttpWebRequest)WebRequest.Create(Url);
        Prepare(request);
        request.Method = "POST";
        request.ContentType = "application/x-www-form-urlencoded";
        var body = new FormUrlEncodedContent(form).ReadAsByteArrayAsync().Result;
        request.ContentLength = body.Length;
        using (var stream = request.GetRequestStream()) stream.Write(body, 0, body.Length);
        using (var answer = (HttpWebResponse)request.GetResponse())
        using (var reader = new StreamReader(answer.GetResponseStream(), Encoding.GetEncoding(answer.CharacterSet)))
            return (int)answer.StatusCode + " " + reader.ReadToEnd();
    }
}

class ByHttpClient : Client
{
    HttpClient client;

    public override string Ask(Form form)
    {
        if (client == null)
            client = new HttpClient(new HttpClientHandler { Credentials = Caller, PreAuthenticate = PreAuthenticate });
        var answer = client.PostAsync(Url, new FormUrlEncodedContent(form)).Result;
        return (int)answer.StatusCode + " " + answer.Content.ReadAsStringAsync().Result;
    }
}

static class Program
{
    static string Decode(string text)
    {
        return Encoding.UTF8.GetString(Convert.FromBase64String(text));
    }

    static string Explain(Exception error)
    {
        var said = error.GetType().Name + ": " + error.Message;
        return error.InnerException == null ? said : said + " < " + Explain(error.InnerException);
    }

    static string Run(string line)
    {
        var words = line.Split(' ');
        var client = (Client)Activator.CreateInstance(Type.GetType("By" + words[0]));
        client.PreAuthenticate = words[1] == "1";
        client.Url = words[2];
        client.Caller = new NetworkCredential(Decode(words[3]), Decode(words[4]));
        var answers = new List<string>();
        foreach (var step in words.Skip(5))
        {
            int milliseconds;
            if (int.TryParse(step, out milliseconds))
            {
                Thread.Sleep(milliseconds);
                continue;
            }
            var form = step.Split('&').Select(field => field.Split(':'))
                .Select(field => new KeyValuePair<string, string>(field[0], Decode(field[1]))).ToList();
            try { answers.Add(client.Ask(form)); }
            catch (Exception error) { answers.Add(Explain(error).Replace('\n', ' ')); }
        }
        return string.Join("\t", answers);
    }

    static void Main()
    {
        ServicePointManager.DefaultConnectionLimit = 1000;
        var lines = Console.In.ReadToEnd().Split(new[] { '\n' }, StringSplitOptions.RemoveEmptyEntries);
        var answers = new string[lines.Length];
        var threads = lines.Select((line, number) => new Thread(() => answers[number] = Run(line))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Console.Out.Write(string.Join("\n", answers) + "\n");
        Console.Out.Flush();
        Environment.Exit(0);  // kept connections would hold the process
    }
}
