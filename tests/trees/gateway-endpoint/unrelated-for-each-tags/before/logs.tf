variable "project" {
  default = "bond"
}

resource "aws_cloudwatch_log_group" "app" {
  for_each = toset(["a", "b"])
  name     = each.key

  tags = {
    Name = "${var.project}-${each.key}-logs"
  }
}
