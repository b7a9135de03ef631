egress_type = "DEFAULT"
