resource "aws_security_group" "each" {
  for_each = toset(["a", "b"])

  name   = each.value
  vpc_id = "vpc-1"
}
