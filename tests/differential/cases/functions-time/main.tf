output "all" {
  value = {
    add    = [timeadd("2024-02-28T23:00:00Z", "2h30m"), timeadd("2024-01-01T00:00:00+02:00", "-1s")]
    cmp    = [timecmp("2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00"), timecmp("2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z")]
    format = [formatdate("DD MMM YYYY hh:mm:ss ZZZ", "2024-03-05T07:08:09Z"), formatdate("EEEE, D-M-YY H 'h' h aa AA ZZZZZ", "2024-03-05T17:08:09+01:00")]
  }
}
output "now" { value = length(plantimestamp()) }
