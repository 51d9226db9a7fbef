"""A few rows in the shape of others' files; ids, names and texts are invented."""

T6 = """\
tweet id, tweet, label
'100000000000000001',"candles, batteries, \"\"milk\"\" :-\\\\",off-topic
'100000000000000002',"the river is in our street, 3 dead",on-topic
"""
T26 = """\
Tweet ID, Tweet Text, Information Source, Information Type, Informativeness
"200000000000000001","Scossa di terremoto, crollata una chiesa",Media,Affected individuals,Related and informative
"200000000000000002","prego per voi tutti",Outsiders,Sympathy and support,Related - but not informative
"200000000000000003","new phone, who dis",Not labeled,Not labeled,Not related
"200000000000000004","???",Not applicable,Not applicable,Not applicable
"""
KAGGLE = """\
id,keyword,location,text,target
1,flood,,"NA",1
4,,"Town, State",null,0
"""
