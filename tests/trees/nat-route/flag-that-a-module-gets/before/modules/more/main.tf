variable "tiers" {
  type = map(object({ nat = bool }))
}

resource "aws_eip" "more" {
  for_each = { for tier, t in var.tiers : tier => t if t.nat }

  domain = "vpc"
}
